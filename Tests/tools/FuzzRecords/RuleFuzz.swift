import Model
import Rules
import TOML

/// Any bytes as a configuration, and any records of a log put to rules.
enum RuleFuzz {
    private static let rules = try? RuleSet(
        configuration: Array(
            """
            [aggregation]
            keys = 3
            [[rule]]
            name = "d"
            action = "drop"
            executable = "/usr/**"
            port = "50-60"
            [[rule]]
            name = "a"
            action = "aggregate"
            """.utf8), userID: { _ in nil })

    /// Reads a configuration: each problem of it has a place in it.
    static func run(_ bytes: [UInt8]) {
        let lines = bytes.count { $0 == 10 } + 1
        for problem in Document(bytes).problems {
            precondition((1...lines).contains(problem.position.line) && problem.position.column > 0, "no place")
        }
        do throws(ConfigurationProblems) {
            _ = try RuleSet(configuration: bytes, userID: { _ in 1 })
        } catch {
            precondition(!error.problems.isEmpty, "nothing is wrong")
        }
    }

    /// Puts records to rules: each is written, dropped or part of a summary.
    static func run(_ events: [TraceEvent]) -> [TraceEvent] {
        guard let rules else { preconditionFailure("the rules are wrong") }
        let engine = RuleEngine(rules)
        var summaries: [TraceEvent] = []
        var written = 0
        for event in events { written += engine.admits(event, emit: { summaries.append($0) }) ? 1 : 0 }
        engine.finish { summaries.append($0) }
        let collapsed = summaries.reduce(UInt64(0)) {
            if case .aggregated(let event) = $1 { $0 + event.count } else { $0 }
        }
        precondition(
            UInt64(events.count - written) == engine.counts[0].withheld + collapsed, "something is unaccounted for")
        return summaries
    }
}
