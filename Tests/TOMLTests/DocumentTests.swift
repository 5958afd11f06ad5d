import TOML
import Testing

@Suite("A document")
struct DocumentTests {
    private func read(_ text: String) -> Document { Document(Array(text.utf8)) }

    /// The one value of a document `key = …`.
    private func value(_ text: String) throws -> Value.Content {
        let document = read("key = " + text)
        try #require(document.problems.isEmpty, "\(document.problems)")
        return try #require(document.tables.first?.members.first).value.content
    }

    @Test("has tables and arrays of tables in their order, with the place of everything")
    func structure() throws {
        let document = read(
            "top = 1\n\n[a.\"b c\"] # header\n  key = 'x'\r\n[[rule]]\nname = \"one\"\n[[rule]]\n\tname = \"two\"")
        #expect(document.problems.isEmpty)
        #expect(document.tables.map(\.name) == [[], ["a", "b c"], ["rule"], ["rule"]])
        #expect(document.tables.map(\.isArrayElement) == [false, false, true, true])
        #expect(document.tables.map(\.position.line) == [1, 3, 5, 7])
        let last = try #require(document.tables.last?.members.first)
        #expect(last.position == Position(line: 8, column: 2))
        #expect(last.value == Value(.string("two"), at: Position(line: 8, column: 9)))
        #expect(document.tables[1].members.map(\.value.content) == [.string("x")])
    }

    @Test(
        "has every kind of value",
        arguments: [
            ("\"a\\tb\\n\\\"\\\\ \\u00e4\\U0001F600\"", Value.Content.string("a\tb\n\"\\ ä😀")),
            ("'C:\\x'", .string("C:\\x")),
            ("\"\"", .string("")), ("''", .string("")), ("0", .integer(0)), ("-17", .integer(-17)),
            ("+1_000", .integer(1000)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)), ("true", .boolean(true)),
            ("false # no", .boolean(false)), ("\"# none\"", .string("# none")),
        ])
    func values(text: String, expected: Value.Content) throws {
        #expect(try value(text) == expected)
    }

    @Test("has arrays over lines, with comments and a comma at the end, and arrays in arrays")
    func arrays() throws {
        let array = try value("[ 1, # one\n\n  2,\r\n  [\"a\"], ]\nnext = true")
        guard case .array(let values) = array else { throw Problem(Position(line: 1, column: 1), "no array") }
        #expect(values.count == 3)
        #expect(values[1] == Value(.integer(2), at: Position(line: 3, column: 3)))
        #expect(try value("[]") == .array([]))
    }

    @Test(
        "that is wrong says where, and what",
        arguments: [
            ("key", 1, 4, "'='"), ("key = ", 1, 7, "value is missing"), ("key = # none", 1, 7, "value is missing"),
            ("key = tcp", 1, 7, "quotes"), ("key = \"x", 1, 7, "no end"), ("key = 'x", 1, 7, "no end"),
            ("key = \"\\x\"", 1, 8, "no such escape"), ("key = \"\\ud800\"", 1, 8, "no character"),
            ("key = \"\"\"x\"\"\"", 1, 7, "several lines"), ("key = 01", 1, 7, "whole number"),
            ("key = 1.5", 1, 7, "floats"),
            ("key = 1__0", 1, 7, "whole number"), ("key = 0x1f", 1, 7, "whole number"),
            ("key = 2026-01-01", 1, 7, "dates"), ("key = 9223372036854775808", 1, 7, "2⁶³"),
            ("key = {a = 1}", 1, 7, "inline"), ("a.b = 1", 1, 2, "dotted"), ("= 1", 1, 1, "key is wanted"),
            ("key = 1 2", 1, 9, "comment"), ("[a", 1, 3, "]"), ("[[a]", 1, 5, "]]"), ("[]", 1, 2, "key is wanted"),
            ("[a] x", 1, 5, "comment"), ("key = [1", 1, 7, "no end"), ("key = [1 2]", 1, 10, "','"),
            ("key = [\n  tcp,\n]", 2, 3, "quotes"), ("# \u{1}", 1, 3, "control"), ("key = \"\u{7f}\"", 1, 8, "control"),
            ("a = 1\na = 2", 2, 1, "line 1"), ("[a]\n[a]", 2, 1, "already"), ("[a]\n[[a]]", 2, 1, "already"),
            ("[[a]]\n[a]", 2, 1, "already"), ("key = [[[[[[[[[1]]]]]]]]]", 1, 15, "too many"),
            ("ä = 1", 1, 1, "key is wanted"),
        ])
    func wrong(text: String, line: Int, column: Int, message: String) throws {
        let problems = read(text).problems
        let first = try #require(problems.first)
        #expect(first.position == Position(line: line, column: column))
        #expect(first.message.contains(message), "\(first)")
    }

    @Test("that is wrong in several lines says so of each, and the rest is read")
    func several() {
        let document = read("a = \nb = 2\nc == 3\n[d\n[e]\nf = nothing\ng = 4\n")
        #expect(document.problems.map(\.position.line) == [1, 3, 4, 6])
        #expect(document.tables.map(\.name) == [[], ["e"]])
        #expect(document.tables.flatMap { $0.members.map(\.key) } == ["b", "g"])
    }

    @Test("that is not UTF-8 says where")
    func bytes() {
        let document = Document(Array("a = 1\nb = ".utf8) + [0xff])
        #expect(document.problems == [Problem(Position(line: 2, column: 5), "this is not UTF-8")])
        #expect(document.tables.isEmpty)
    }

    @Test("begins behind a byte order mark, and may be empty")
    func beginnings() {
        #expect(read("\u{feff}a = 1").tables.first?.members.first?.key == "a")
        #expect(read("").problems.isEmpty && read("").tables.count == 1)
    }

    @Test("cut anywhere, or with any byte changed, is read to its end")
    func hostile() {
        let text = Array("[a.b]\nk = [\"x\\n\", 'y', 1, [true]] # c\r\n[[r]]\n\"q k\" = -5\n".utf8)
        var count = 0
        for index in text.indices {
            _ = Document(Array(text[..<index]))
            for byte: UInt8 in [0, 10, 34, 39, 91, 93, 92, 255] {
                var changed = text
                changed[index] = byte
                let document = Document(changed)
                count += document.problems.count
                #expect(document.problems.allSatisfy { $0.position.line <= 6 })
            }
        }
        #expect(count > 0)
    }
}
