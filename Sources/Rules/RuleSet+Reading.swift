internal import Model
public import TOML

/// Everything that is wrong with a configuration, by place.
public struct ConfigurationProblems: Error, Sendable {
    /// At least one.
    public let problems: [Problem]
}

extension RuleSet {
    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - bytes: TOML; docs/CONFIG.md says what may be in it.
    ///   - userID: the id of a user by name; nil: there is none.
    public init(configuration bytes: [UInt8], userID: @escaping (String) -> UInt32?) throws(ConfigurationProblems) {
        let document = Document(bytes)
        var problems = document.problems
        self.init()
        var names: [String: Int] = [:]
        var catchAll: String?
        for table in document.tables {
            switch (table.name, table.isArrayElement) {
            case ([], _):
                problems += table.members.map { Problem($0.position, "\($0.key) is in no table: [[rule]] is missing") }
            case (["aggregation"], false): problems += readAggregation(table)
            case (["rule"], true):
                var reader = RuleReader(table, userID: userID)
                let rule = reader.rule()
                problems += reader.problems
                guard let rule else { continue }
                if let line = names[rule.name] {
                    problems.append(
                        Problem(table.position, "a rule of the name '\(rule.name)' is there already, on line \(line)"))
                } else if let catchAll {
                    problems.append(
                        Problem(
                            table.position, "'\(rule.name)' is never asked: '\(catchAll)' before it is for everything"))
                }
                names[rule.name] = table.position.line
                if rule.conditions.isEmpty { catchAll = rule.name }
                if rules.count == Self.limit {
                    problems.append(
                        Problem(table.position, "more than \(Self.limit) rules: conditions may have many values"))
                }
                rules.append(rule)
            default:
                let name = table.name.joined(separator: ".")
                let header = table.isArrayElement ? "[[\(name)]]" : "[\(name)]"
                problems.append(Problem(table.position, "there is no \(header): [[rule]] and [aggregation] there are"))
            }
        }
        guard problems.isEmpty else {
            throw ConfigurationProblems(
                problems: problems.sorted {
                    ($0.position.line, $0.position.column) < ($1.position.line, $1.position.column)
                })
        }
    }

    private mutating func readAggregation(_ table: Table) -> [Problem] {
        table.members.compactMap { member in
            guard member.key == "keys" else {
                return Problem(member.position, "there is no \(member.key) in [aggregation]: keys there is")
            }
            guard case .integer(let number) = member.value.content, (1...262_144).contains(number) else {
                return Problem(member.value.position, "keys is a number from 1 to 262144")
            }
            aggregateLimit = Int(number)
            return nil
        }
    }
}
