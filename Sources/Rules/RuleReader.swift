internal import Model
internal import TOML

/// Makes a rule of a table, and tells everything that is wrong with it.
struct RuleReader {
    private(set) var problems: [Problem] = []
    private let table: Table
    private let userID: (String) -> UInt32?
    private var name: String?
    private var action: String?
    private var window: Value?
    private var oneIn: Value?
    private var conditions = Conditions()

    private static let keys = [
        "name", "action", "executable", "sha256", "user", "unit", "container", "to", "port", "protocol", "outcome",
        "window", "one-in",
    ]

    init(_ table: Table, userID: @escaping (String) -> UInt32?) {
        self.table = table
        self.userID = userID
    }

    /// The rule; nil: it cannot be made.
    mutating func rule() -> Rule? {
        for member in table.members { read(member) }
        guard let name else {
            if !table.members.contains(where: { $0.key == "name" }) { complain("this rule has no name") }
            return nil
        }
        guard let action else {
            if !table.members.contains(where: { $0.key == "action" }) { complain("'\(name)' has no action") }
            return nil
        }
        guard let action = self.action(action, of: name) else { return nil }
        // A condition that could not be read would be missing: of such a rule nothing further is said.
        guard problems.isEmpty else { return nil }
        if action == .drop, conditions.isEmpty {
            complain("'\(name)' drops everything: a rule to drop wants a condition")
            return nil
        }
        return Rule(name: name, action: action, conditions: conditions)
    }

    private mutating func complain(_ message: String) { problems.append(Problem(table.position, message)) }

    private mutating func read(_ member: Member) {
        let value = member.value
        do throws(Problem) {
            switch member.key {
            case "name": name = try ruleName(value)
            case "action": action = try text(value, of: "action")
            case "window": window = value
            case "one-in": oneIn = value
            case "executable": conditions.executables = try each(value) { value throws(Problem) in try path(value) }
            case "unit": conditions.units = try each(value) { value throws(Problem) in try pattern(value, of: "unit") }
            case "container":
                conditions.containers = try each(value) { value throws(Problem) in try pattern(value, of: "container") }
            case "sha256": conditions.hashes = try each(value) { value throws(Problem) in try hash(value) }
            case "user": conditions.userIDs = try each(value) { value throws(Problem) in try user(value) }
            case "to": conditions.blocks = try each(value) { value throws(Problem) in try value.block() }
            case "port": conditions.ports = try each(value) { value throws(Problem) in try value.ports() }
            case "protocol":
                conditions.protocols = try each(value) { value throws(Problem) in try value.protocolCondition() }
            case "outcome":
                conditions.results = Set(
                    try each(value) { value throws(Problem) in try value.results() }.joined())
            default:
                throw Problem(
                    member.position,
                    "there is no \(member.key) in a rule; there are \(Self.keys.joined(separator: ", "))")
            }
        } catch {
            problems.append(error)
        }
    }

    private mutating func action(_ word: String, of name: String) -> Rule.Action? {
        if word != "aggregate", let window { problems.append(Problem(window.position, "only aggregate has a window")) }
        if word != "sample", let oneIn { problems.append(Problem(oneIn.position, "only sample has one-in")) }
        switch word {
        case "keep": return .keep
        case "drop": return .drop
        case "aggregate":
            guard let window else { return .aggregate(windowNanoseconds: 60_000_000_000) }
            do throws(Problem) {
                return .aggregate(windowNanoseconds: try window.nanoseconds())
            } catch {
                problems.append(error)
                return nil
            }
        case "sample":
            guard let oneIn else {
                complain("'\(name)' wants one-in: 100 writes one in a hundred")
                return nil
            }
            guard case .integer(let number) = oneIn.content, (2...1_000_000_000).contains(number) else {
                problems.append(Problem(oneIn.position, "one-in is a number from 2 to 1000000000"))
                return nil
            }
            return .sample(oneIn: UInt64(number))
        default:
            let position = table.members.first { $0.key == "action" }?.value.position ?? table.position
            problems.append(Problem(position, "'\(word)' is no action: keep, drop, aggregate, sample"))
            return nil
        }
    }

    /// One value, or an array of them.
    private func each<Element>(
        _ value: Value, _ read: (Value) throws(Problem) -> Element
    ) throws(Problem) -> [Element] {
        guard case .array(let values) = value.content else { return [try read(value)] }
        guard !values.isEmpty else { throw Problem(value.position, "an empty list: no record would meet it") }
        var elements: [Element] = []
        for value in values { elements.append(try read(value)) }
        return elements
    }

    private func text(_ value: Value, of key: String) throws(Problem) -> String {
        guard case .string(let text) = value.content else {
            throw Problem(value.position, "\(key) is a text in quotes")
        }
        return text
    }

    private func ruleName(_ value: Value) throws(Problem) -> String {
        let text = try text(value, of: "name")
        guard !text.isEmpty, text.utf8.count <= RuleSet.longestName,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "\\" })
        else {
            throw Problem(
                value.position,
                "name is 1 to \(RuleSet.longestName) bytes, without quotes, backslashes and control characters")
        }
        return text
    }

    private func path(_ value: Value) throws(Problem) -> Pattern {
        let text = try text(value, of: "executable")
        guard text.first == "/" || text.hasPrefix("*") || text.hasPrefix("memfd:") else {
            throw Problem(value.position, "executable is a whole path, as /usr/bin/curl, or begins with a *")
        }
        return try pattern(value, of: "executable")
    }

    private func pattern(_ value: Value, of key: String) throws(Problem) -> Pattern {
        guard let pattern = Pattern(try text(value, of: key)) else {
            throw Problem(value.position, "\(key) is empty, or ends with a \\")
        }
        return pattern
    }

    private func hash(_ value: Value) throws(Problem) -> [UInt8] {
        let digits = Array(try text(value, of: "sha256").utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
        }
        guard digits.count == 64, bytes.count == 32, digits.allSatisfy({ $0 != UInt8(ascii: "+") }) else {
            throw Problem(value.position, "sha256 is 64 hexadecimal digits")
        }
        return bytes
    }

    private func user(_ value: Value) throws(Problem) -> UInt32 {
        if case .integer(let number) = value.content, let id = UInt32(exactly: number) { return id }
        guard case .string(let name) = value.content else {
            throw Problem(value.position, "user is a name in quotes or a uid")
        }
        guard let id = userID(name) else { throw Problem(value.position, "no user '\(name)' in /etc/passwd") }
        return id
    }
}
