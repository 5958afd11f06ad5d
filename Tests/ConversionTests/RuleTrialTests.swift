import Conversion
import Model
import Records
import Rules
import Testing

@Suite("Rules on a log")
struct RuleTrialTests {
    private func run(_ toml: String, _ lines: [String]) throws -> (
        trial: ConfigurationReport.Trial, counts: [RuleCount], isComplete: Bool, complaints: [String]
    ) {
        let folder = try TemporaryFolder()
        let path = try folder.write(lines.joined(separator: "\n") + "\n", to: "log")
        let rules = try RuleSet(configuration: Array(toml.utf8)) { _ in nil }
        var complaints: [String] = []
        let result = RuleTrial.run([path], rules) { complaints.append($0) }
        return (result.trial, result.counts, result.isComplete, complaints)
    }

    /// Lines of one refused attempt, a second after each other.
    private func refused(_ count: Int, run: String = "5f0c9a52") throws -> [String] {
        let line = try #require(
            GoldenLog.lines.first { $0.contains("ECONNREFUSED") && $0.contains("\"connection_attempted\",\"id\"") })
        return (0..<count).map { index in
            line.replacing("T10:00:00", with: "T10:00:\(index < 10 ? "0" : "")\(index)")
                .replacing("5f0c9a52", with: run)
        }
    }

    @Test("counts what each would have done, of attempts, outcomes, ends and sockets")
    func counts() throws {
        let result = try run(
            "[[rule]]\nname = 'dns'\naction = 'drop'\nport = 53\n[[rule]]\nname = 'all'\naction = 'keep'",
            GoldenLog.lines)
        let actions = [
            "connection_attempted", "connection_resolved", "disconnect_received", "connection_existing",
        ].map { "\"action\":\"\($0)\",\"id\"" }
        let judged = GoldenLog.lines.filter { line in actions.contains { line.contains($0) } }
        #expect(result.isComplete && result.complaints.isEmpty)
        #expect(result.trial.records == UInt64(judged.count) && result.trial.unmatched == 0 && result.trial.runs == 1)
        let dns = UInt64(judged.count { $0.contains("\"port\":53}") })
        #expect(dns > 1 && result.counts[0].matched == dns && result.counts[0].withheld == dns)
        #expect(result.trial.written == result.trial.records - dns)
    }

    @Test("collapses by the time of the records, and each run by itself")
    func windows() throws {
        let toml = "[[rule]]\nname = 'a'\naction = 'aggregate'\nwindow = '10s'"
        let lines = try refused(25)
        let one = try run(toml, lines)
        #expect(one.counts[0].matched == 25 && one.counts[0].withheld == 22 && one.counts[0].summaries == 3)
        let two = try run(toml, lines + refused(5, run: "00000000"))
        #expect(two.trial.runs == 2 && two.counts[0].withheld == 26 && two.counts[0].summaries == 4)
    }

    @Test("goes on behind what is no record, and says so")
    func malformed() throws {
        let result = try run("[[rule]]\nname = 'a'\naction = 'keep'\nport = 1", try refused(2) + ["nonsense"])
        #expect(!result.isComplete && result.complaints.count == 1 && result.trial.records == 2)
        #expect(result.trial.unmatched == 2 && result.trial.written == 2)
    }
}
