import Testing

@testable import Reading

@Suite("The scanner")
struct ScannerTests {
    private func skip(_ text: String) throws -> Int {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes, 0..<bytes.count)
        try scanner.skip()
        return scanner.index
    }

    @Test(
        "JSON is passed to its end",
        arguments: [
            "{}", "[]", "{\"a\":1}", "[1,2,[3,{}]]", "\"\\\"\\\\\"", "true", "false", "null", "-1.5e+3",
            " { \"a\" : [ ] , \"b\" : { \"c\" : \"\\u00e9\" } }", "{\"a\":\"{[\"}",
        ])
    func valid(text: String) throws {
        #expect(try skip(text) == text.utf8.count)
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", "{", "[", "\"", "\"\\\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "[1,]", "[1 2]",
            "{\"a\":1 \"b\":2}", "tru",
            "nul", "}", "]", "{\"a\":1]", "[1}", "{1:2}", "\"\u{1}\"", "\"a\nb\"",
        ])
    func invalid(text: String) {
        #expect(throws: Malformed.self) { try skip(text) }
    }

    @Test("objects within each other have a limit")
    func deep() {
        #expect(throws: Malformed.tooDeep) { try skip(String(repeating: "[", count: 100_000)) }
    }

    @Test("escapes become what they stand for, half a pair becomes U+FFFD")
    func escapes() throws {
        func text(_ json: String) throws -> String {
            let bytes = Array(json.utf8)
            var scanner = JSONScanner(bytes, 0..<bytes.count)
            return try scanner.text()
        }
        #expect(try text(#""\"\\\/\b\f\n\r\t""#) == "\"\\/\u{8}\u{c}\n\r\t")
        #expect(try text(#""\u00e9\u20AC\ud83d\ude00""#) == "é€😀")
        #expect(try text(#""\ud83dx\ude00""#) == "\u{fffd}x\u{fffd}")
        #expect(throws: Malformed.self) { try text(#""\x41""#) }
        #expect(throws: Malformed.self) { try text(#""\u12""#) }
    }

    @Test("times are read to the nanosecond, and only such as there are")
    func times() throws {
        func time(_ text: String) throws -> UInt64 {
            let bytes = Array("\"\(text)\"".utf8)
            var scanner = JSONScanner(bytes, 0..<bytes.count)
            return try scanner.time()
        }
        #expect(try time("1970-01-01T00:00:00Z") == 0)
        #expect(try time("2026-01-01T10:00:00.123456789Z") == 1_767_261_600_123_456_789)
        #expect(try time("2024-02-29T23:59:59.5Z") == 1_709_251_199_500_000_000)
        for text in [
            "", "2026-01-01", "2026-01-01T10:00:00", "2026-13-01T10:00:00Z", "2026-01-01T25:00:00Z",
            "2026-01-01T10:00:00.Z", "2026-01-01T10:00:00.1234567890Z", "2300-01-01T00:00:00Z",
            "2026-01-01T10:00:00+01:00",
        ] {
            #expect(throws: Malformed.self) { try time(text) }
        }
    }

    @Test("numbers that do not fit are refused")
    func numbers() throws {
        func number(_ text: String) throws -> UInt64 {
            let bytes = Array(text.utf8)
            var scanner = JSONScanner(bytes, 0..<bytes.count)
            return try scanner.number()
        }
        #expect(try number("18446744073709551615") == .max)
        for text in ["18446744073709551616", "-1", "1.5", "1e3", "", "\"1\""] {
            #expect(throws: Malformed.self) { try number(text) }
        }
    }
}
