import Foundation
import Model
import Rules
import Testing

@Suite("A configuration")
struct ConfigurationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    @Test("may have every condition and every action")
    func everything() throws {
        let set = try rules(
            """
            [aggregation]
            keys = 100

            [[rule]]
            name = "backup"
            action = "keep"
            executable = ["/usr/bin/restic", "/opt/**/borg*"]
            user = ["ana", 1001]
            unit = "backup@*.service"
            to = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]
            port = [22, "8000-8099"]

            [[rule]]
            name = "one container's resolver"
            action = "drop"
            container = "0123456789ab"
            protocol = ["udp", 132]
            outcome = ["sent", "failure"]

            [[rule]]
            name = "health"
            action = "aggregate"
            sha256 = "\(String(repeating: "ab", count: 32))"
            window = "5m"

            [[rule]]
            name = "rest"
            action = "sample"
            one-in = 10
            """)
        #expect(set.aggregateLimit == 100)
        #expect(set.rules.map(\.name) == ["backup", "one container's resolver", "health", "rest"])
        #expect(
            set.rules.map(\.action) == [.keep, .drop, .aggregate(windowNanoseconds: 300 * second), .sample(oneIn: 10)])
        let first = set.rules[0].conditions
        #expect(
            first.userIDs == [1000, 1001] && first.ports == [22...22, 8000...8099] && first.executables.count == 2)
        #expect(first.blocks.map(\.description) == ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"])
        #expect(
            set.rules[1].conditions.results.contains(.refused)
                && !set.rules[1].conditions.results.contains(.established))
        #expect(set.rules[2].conditions.hashes == [[UInt8](repeating: 0xab, count: 32)])
        #expect(set.rules[3].conditions.isEmpty)
    }

    @Test("without a window collects for a minute, and may be empty")
    func defaults() throws {
        #expect(try rules("").rules.isEmpty)
        let set = try rules("[[rule]]\nname='a'\naction='aggregate'")
        #expect(set.rules.map(\.action) == [.aggregate(windowNanoseconds: 60 * second)])
    }

    @Test(
        "that is wrong says where, and what",
        arguments: [
            ("name = 1", "1:1: name is in no table"), ("[rules]", "1:1: there is no [rules]"),
            ("[rule]", "1:1: there is no [rule]"), ("[[aggregation]]", "1:1: there is no [[aggregation]]"),
            ("[aggregation]\nkeys = 0", "2:8: keys is a number"), ("[aggregation]\nkey = 1", "2:1: there is no key"),
            ("[[rule]]\naction = 'keep'", "1:1: this rule has no name"),
            ("[[rule]]\nname = 'a'", "1:1: 'a' has no action"),
            ("[[rule]]\nname = ''\naction='keep'", "2:8: name is 1 to"),
            ("[[rule]]\nname = 'a\"b'\naction='keep'", "2:8: name is 1 to"),
            ("[[rule]]\nname = 'a'\naction='allow'", "3:8: 'allow' is no action"),
            ("[[rule]]\nname = 'a'\naction='drop'", "1:1: 'a' drops everything"),
            ("[[rule]]\nname = 'a'\naction='sample'", "1:1: 'a' wants one-in"),
            ("[[rule]]\nname = 'a'\naction='sample'\none-in = 1", "4:10: one-in is a number from 2"),
            ("[[rule]]\nname = 'a'\naction='keep'\none-in = 2", "4:10: only sample has one-in"),
            ("[[rule]]\nname = 'a'\naction='keep'\nwindow = '1s'", "4:10: only aggregate has a window"),
            ("[[rule]]\nname = 'a'\naction='aggregate'\nwindow = '0s'", "4:10: window is a time"),
            ("[[rule]]\nname = 'a'\naction='aggregate'\nwindow = '8d'", "4:10: window is a time"),
            ("[[rule]]\nname = 'a'\naction='aggregate'\nwindow = 60", "4:10: window is a time"),
            ("[[rule]]\nname = 'a'\naction='keep'\npid = 1", "4:1: there is no pid in a rule"),
            ("[[rule]]\nname = 'a'\naction='drop'\nport = []", "4:8: an empty list"),
            ("[[rule]]\nname = 'a'\naction='drop'\nport = [80, 70000]", "4:13: port is a number"),
            ("[[rule]]\nname = 'a'\naction='drop'\nport = '90-80'", "4:8: port is a number"),
            ("[[rule]]\nname = 'a'\naction='drop'\nport = '+1-80'", "4:8: port is a number"),
            ("[[rule]]\nname = 'a'\naction='drop'\nto = '10.0.0.1/8'", "4:6: '10.0.0.1/8' has bits beyond"),
            ("[[rule]]\nname = 'a'\naction='drop'\nto = '10.0.0.0/33'", "4:6: '10.0.0.0/33': the length"),
            ("[[rule]]\nname = 'a'\naction='drop'\nto = 'localhost'", "4:6: 'localhost' is no address"),
            ("[[rule]]\nname = 'a'\naction='drop'\nto = 10", "4:6: to is an address"),
            ("[[rule]]\nname = 'a'\naction='drop'\nuser = 'eve'", "4:8: no user 'eve'"),
            ("[[rule]]\nname = 'a'\naction='drop'\nuser = -1", "4:8: user is a name"),
            ("[[rule]]\nname = 'a'\naction='drop'\nprotocol = 'http'", "4:12: protocol is a number"),
            ("[[rule]]\nname = 'a'\naction='drop'\noutcome = 'ok'", "4:11: outcome is one of"),
            ("[[rule]]\nname = 'a'\naction='drop'\nexecutable = 'curl'", "4:14: executable is a whole path"),
            ("[[rule]]\nname = 'a'\naction='drop'\nexecutable = '/a\\'", "4:14: executable is empty, or"),
            ("[[rule]]\nname = 'a'\naction='drop'\nsha256 = 'abc'", "4:10: sha256 is 64"),
            (
                "[[rule]]\nname = 'a'\naction='keep'\n[[rule]]\nname = 'b'\naction='keep'",
                "4:1: 'b' is never asked: 'a'"
            ),
            (
                "[[rule]]\nname = 'a'\naction='keep'\nport = 1\n[[rule]]\nname = 'a'\naction='keep'\nport = 2",
                "5:1: a rule of the name 'a' is there already, on line 1"
            ),
        ])
    func wrong(toml: String, expected: String) {
        let problems = problems(toml)
        #expect(problems.count == 1 && problems[0].hasPrefix(expected), "\(problems)")
    }

    @Test("that is wrong in many places says all of them, by line")
    func many() {
        let problems = problems(
            """
            [[rule]]
            name = "a"
            action = "drop"
            port = 99999
            to = "nowhere"
            outcome = oops

            [[rule]]
            name = "b"
            action = "sometimes"
            user = "eve"
            """)
        #expect(problems.map { $0.prefix { $0 != ":" } } == ["4", "5", "6", "10", "11"])
    }

    @Test("has at most 64 rules")
    func limit() {
        let text = (0...RuleSet.limit).map { "[[rule]]\nname = '\($0)'\naction = 'keep'\nport = \($0)\n" }.joined()
        #expect(problems(text).map { $0.prefix(6) } == ["257:1:"])
    }

    @Test("that comes with tattle, and those in its documentation, are right")
    func samples() throws {
        let sample = try String(contentsOf: Self.root.appending(path: "docs/tattle.toml"), encoding: .utf8)
        #expect(try rules(sample).rules.count >= 4)
        let page = try String(contentsOf: Self.root.appending(path: "docs/CONFIG.md"), encoding: .utf8)
        let blocks = page.components(separatedBy: "```toml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(!blocks.isEmpty)
        for block in blocks { #expect(try !rules(block).rules.isEmpty) }
    }
}
