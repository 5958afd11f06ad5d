import Rules
import Testing

@Suite("A pattern")
struct PatternTests {
    @Test(
        "matches what it says",
        arguments: [
            ("/usr/bin/curl", "/usr/bin/curl", true), ("/usr/bin/curl", "/usr/bin/curl2", false),
            ("/usr/bin/cur", "/usr/bin/curl", false), ("/usr/bin/*", "/usr/bin/curl", true),
            ("/usr/*", "/usr/bin/curl", false), ("/usr/**", "/usr/bin/curl", true), ("**/curl", "/usr/bin/curl", true),
            ("**/curl", "/curl", true), ("/usr/**/curl", "/usr/bin/curl", true),
            ("/usr/bin/c?rl", "/usr/bin/curl", true),
            ("/usr?bin", "/usr/bin", false), ("/a\\*b", "/a*b", true), ("/a\\*b", "/axb", false), ("*", "", true),
            ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("[ab]", "a", false), ("[ab]", "[ab]", true),
            ("session-*.scope", "session-12.scope", true),
        ])
    func matches(pattern: String, text: String, expected: Bool) throws {
        #expect(try #require(Pattern(pattern)).matches(Array(text.utf8)) == expected)
    }

    @Test("takes a star for nothing, and for bytes that are no text")
    func bytes() throws {
        #expect(try #require(Pattern("/tmp/*")).matches(Array("/tmp/".utf8) + [0xff, 0xfe]))
        #expect(try #require(Pattern("/tmp/*")).matches(Array("/tmp/".utf8)))
    }

    @Test("is none when it is empty, or ends in the midst of an escape", arguments: ["", "\\", "a\\"])
    func wrong(text: String) {
        #expect(Pattern(text) == nil)
    }

    @Test("of many stars is done with a long text in steps that do not multiply")
    func steps() throws {
        let pattern = try #require(Pattern(String(repeating: "*a", count: 40) + "b"))
        #expect(!pattern.matches(Array(repeating: UInt8(ascii: "a"), count: 4096)))
    }
}
