internal import Glibc

extension Finding {
    /// In a sentence: who tried what how often, and how it ended.
    public var sentence: String {
        let rhythm = analysis.rhythm
        let unit = SecondsUnit(rhythm.periodSeconds)
        var text = "\(who) \(verb) \(target) every \(unit.text(rhythm.periodSeconds))"
        text += " ± \(unit.text(rhythm.spreadSeconds)), \(analysis.beats) beats in "
        text += SecondsUnit.short(analysis.lifetimeSeconds)
        let gaps = Double(analysis.beats - 1)
        let missed = rhythm.missedShare < 0.01 ? 0 : gaps * rhythm.missedShare / (1 - rhythm.missedShare)
        if missed >= 0.5 { text += ", \(Int(missed.rounded())) missed" }
        if analysis.merged > 0 { text += ", \(analysis.merged) calls close behind another" }
        if let ending { text += ", \(ending)" }
        if let commonSize, commonSize.bytes > 0, commonSize.share > 0.5 {
            text += commonSize.share > 0.995 ? ", always " : ", mostly "
            text += "\(commonSize.bytes) bytes"
        }
        if !alike.isEmpty { text += "; \(alike.count) more destination\(alike.count == 1 ? "" : "s") alike" }
        return text
    }

    private var who: String {
        var notes: [String] = []
        if traits.isPackaged == false { notes.append("unpackaged") }
        if traits.isUnchanged == false { notes.append("changed") }
        if let path = traits.executable, caller.kind == .program, let folder = path.lastIndex(of: "/"),
            folder > path.startIndex
        {
            notes.append(String(path[..<folder]))
        }
        if let script = traits.script, caller.kind != .script { notes.append("by \(script)") }
        if !caller.host.isEmpty { notes.append("on \(caller.host)") }
        let name = scope == .manyCallers ? "several callers" : caller.shortName
        return notes.isEmpty ? name : "\(name) (\(notes.joined(separator: ", ")))"
    }

    private var verb: String {
        modifiers.contains { $0.name == "keep_alive" } ? "spoke to" : "tried"
    }

    private var target: String { "\(destination)" }

    private var ending: String? {
        let total = endings.values.reduce(0, +)
        let names: [(Call.Ending, String)] = [
            (.answered, "answered"), (.refused, "refused"), (.unanswered, "unanswered"), (.offline, "offline"),
            (.denied, "denied"), (.failed, "failed"),
        ]
        guard let most = names.max(by: { endings[$0.0] ?? 0 < endings[$1.0] ?? 0 }), let count = endings[most.0],
            count > 0
        else { return nil }
        return count == total ? "all \(most.1)" : "\(count) of \(total) \(most.1)"
    }
}

/// The unit that a time is told in.
struct SecondsUnit {
    private let divisor: Double
    private let name: String

    /// The unit for times like this.
    init(_ seconds: Double) {
        switch seconds {
        case ..<120: (divisor, name) = (1, "s")
        case ..<7200: (divisor, name) = (60, "min")
        case ..<172_800: (divisor, name) = (3600, "h")
        default: (divisor, name) = (86_400, "d")
        }
    }

    /// With one digit behind the point.
    func text(_ seconds: Double) -> String {
        let tenths = Int((seconds / divisor * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(name)"
    }

    /// Without a fraction.
    static func short(_ seconds: Double) -> String {
        let unit = SecondsUnit(seconds)
        return "\(Int((seconds / unit.divisor).rounded())) \(unit.name)"
    }
}
