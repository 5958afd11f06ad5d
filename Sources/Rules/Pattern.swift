/// A text with placeholders, which others are compared with.
///
/// `*` stands for any bytes but `/`, `**` for any bytes, `?` for one byte that is not `/`; `\` takes what follows as it is. All of
/// a text has to match.
public struct Pattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case byte(UInt8)
        case one
        case withinName
        case anything
    }

    private let parts: [Part]

    /// Makes a pattern; nil: it is empty, or ends with a `\`.
    public init?(_ text: String) {
        var parts: [Part] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*") where rest.first == byte:
                while rest.first == byte { rest.removeFirst() }
                parts.append(.anything)
            case UInt8(ascii: "*"): parts.append(.withinName)
            case UInt8(ascii: "?"): parts.append(.one)
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else { return nil }
                parts.append(.byte(next))
            default: parts.append(.byte(byte))
            }
        }
        guard !parts.isEmpty else { return nil }
        self.parts = parts
    }

    /// How many bytes and placeholders it has.
    var length: Int { parts.count }

    /// Whether there is no placeholder in it.
    public var isLiteral: Bool {
        parts.allSatisfy { if case .byte = $0 { true } else { false } }
    }

    /// Whether all of a text matches.
    ///
    /// Takes at most (length of the text) × (length of the pattern) steps, whatever they are.
    public func matches(_ text: some Collection<UInt8>) -> Bool {
        // Which parts may be next, after the bytes so far.
        var states = [Bool](repeating: false, count: parts.count + 1)
        states[0] = true
        passEmpty(&states)
        for byte in text {
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (index, part) in parts.enumerated() where states[index] {
                switch part {
                case .byte(let wanted): if byte == wanted { next[index + 1] = true }
                case .one: if byte != UInt8(ascii: "/") { next[index + 1] = true }
                case .withinName: if byte != UInt8(ascii: "/") { next[index] = true }
                case .anything: next[index] = true
                }
            }
            passEmpty(&next)
            states = next
        }
        return states[parts.count]
    }

    /// A star may stand for nothing.
    private func passEmpty(_ states: inout [Bool]) {
        for (index, part) in parts.enumerated() where states[index] {
            switch part {
            case .withinName, .anything: states[index + 1] = true
            case .byte, .one: break
            }
        }
    }

    /// Whether a text begins with it; only for one without placeholders.
    func isPrefix(of text: some Collection<UInt8>) -> Bool {
        var rest = text[...]
        for part in parts {
            guard case .byte(let wanted) = part, rest.popFirst() == wanted else { return false }
        }
        return true
    }
}
