import Model

/// What processes contribute to each of their lines, rendered once and kept.
///
/// Most records come from a process that wrote one a moment ago; all that is said of it, its ancestors and its
/// file is the same each time. One place for each low part of a pid, which a newer process takes over.
struct ProcessFragments {
    private static let places = 256
    private var texts = [ProcessText?](repeating: nil, count: places)
    /// Longer ones are not kept, so that all of them stay under 1.5 MiB.
    private static let longest = 6144

    /// What was rendered of this process; nil: nothing, or something else.
    @inline(__always)
    func text(of attempt: Attempt, _ attribution: Attribution) -> ProcessText? {
        guard let text = texts[Int(attempt.process.pid % UInt32(Self.places))], text.fits(attempt, attribution) else {
            return nil
        }
        return text
    }

    /// Keeps what was rendered, if it is not too long.
    /// - Returns: the same.
    mutating func keep(_ text: ProcessText) -> ProcessText {
        if text.count <= Self.longest { texts[Int(text.process.pid % UInt32(Self.places))] = text }
        return text
    }

    /// Forgets everything: the clock was set.
    mutating func removeAll() {
        for index in texts.indices { texts[index] = nil }
    }
}
