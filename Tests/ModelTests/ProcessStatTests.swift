internal import Model
internal import Testing

@Suite struct ProcessStatTests {
    /// Fields 3 to 22 after a name; the terminal is /dev/pts/300, whose minor number has more than a byte.
    private func parsed(_ name: String, session: String = "7", terminal: String = "1083436") -> ProcessStat? {
        let fields = "S 1 7 \(session) \(terminal) 7 4194560 5 0 0 0 1 2 0 0 20 0 1 0 123456 9 9\n"
        return ProcessStat(Array("70 (\(name)) \(fields)".utf8))
    }

    @Test func fieldsAreCountedFromTheEndOfTheName() throws {
        let stat = try #require(parsed("a) S 2 (b"))
        #expect(stat.name == Array("a) S 2 (b".utf8))
        #expect(stat.parent == 1 && stat.session == 7 && stat.flags == 4_194_560)
        #expect(stat.startTicks == 123_456)
    }

    @Test func theTerminalIsPutTogether() {
        let device: UInt32 = 136 << 20 | 300
        #expect(parsed("a")?.terminal == device)
        #expect(parsed("a", terminal: "0")?.terminal == nil)
    }

    @Test func whatIsNoStatIsNone() {
        #expect(ProcessStat([]) == nil)
        #expect(ProcessStat(Array("70 (a) S 1 7 7".utf8)) == nil)
        #expect(ProcessStat(Array(")(".utf8)) == nil)
        #expect(parsed("a", session: "none") == nil)
    }
}
