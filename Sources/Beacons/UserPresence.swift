/// When somebody was last at the machine, as far as it can be told.
public enum UserPresence: Hashable, Sendable {
    /// When something was last typed on any terminal, or one was opened; nanoseconds since 1970.
    case lastInput(nanoseconds: Int64)
    /// No terminal was used since the machine started.
    case never
    /// It can't be told; why, for a person.
    case unknown(String)
}

extension Modifier {
    /// Silence of a person is told of from this length on.
    private static let longSilence: Int64 = 600_000
    /// What it raises a score by.
    static let mostOfAbsence = 0.05

    /// What it says of calls that nobody was there for at least half of their time; nil: somebody was.
    ///
    /// - Parameters:
    ///   - first: the first call, milliseconds since 1970.
    ///   - last: the last one.
    static func absence(_ presence: UserPresence, first: Int64, last: Int64) -> Modifier? {
        switch presence {
        case .never: return Modifier("user_idle", 0, "no terminal was used since the machine started")
        case .unknown(let reason):
            return Modifier("user_unknown", 0, "whether somebody was there is not known: \(reason)")
        case .lastInput(let nanoseconds):
            let input = nanoseconds / 1_000_000
            let silence = last - input
            guard silence >= longSilence, 2 * (last - max(first, input)) >= last - first else { return nil }
            return Modifier(
                "user_idle", mostOfAbsence, "it went on while nobody typed on a terminal for \(silence / 60_000) min")
        }
    }
}
