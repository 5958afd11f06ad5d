import Model
import Records
import Testing

@Suite("A configuration's report")
struct ConfigurationReportTests {
    private func text(_ report: ConfigurationReport) -> String { String(decoding: report.text, as: UTF8.self) }

    @Test("has every problem on a line of its own, with nothing in it that a terminal would take for an order")
    func problems() throws {
        let report = ConfigurationReport(
            path: "/x\u{1b}[31m",
            problems: [.init(line: 4, column: 7, message: "no \"b\""), .init(line: 0, column: 0, message: "m")])
        #expect(text(report) == "/x\\x1b[31m:4:7: no \"b\"\n/x\\x1b[31m: m\n")
        let json = try JSON(line: report.json)
        #expect(json.string("file") == "/x\u{1b}[31m")
        #expect((json["problems"] as? [Any])?.count == 2)
    }

    @Test("has the rules in a table, with what they did to a log")
    func rules() throws {
        var trial = ConfigurationReport.Trial()
        (trial.records, trial.written, trial.unmatched, trial.withheldAttempts, trial.runs) = (100, 61, 30, 1, 1)
        let report = ConfigurationReport(
            path: "t.toml",
            rules: [
                RuleCount(name: "häuser", action: .drop, matched: 10, withheld: 10),
                RuleCount(name: "b", action: .aggregate, matched: 60, withheld: 29, withheldAttempts: 1, summaries: 1),
            ], trial: trial)
        #expect(
            text(report) == """
                t.toml: 2 rules, nothing is wrong
                RULE       ACTION         MATCHED    WITHHELD   SUMMARIES
                häuser     drop                10          10           0
                b          aggregate           60          29           1
                (no rule)  keep                30           0           0
                of 100 records 61 would be written, with 1 summary, and 39 not (1 attempt)

                """)
        let json = try JSON(line: report.json)
        #expect((json["rules"] as? [Any])?.count == 2 && json.number("log.written") == 61)
    }
}
