internal import Model
internal import Testing

@Suite struct ProgramTests {
    @Test(arguments: [
        ("", []), ("a\0", ["a"]), ("a", ["a"]), ("a\0b\0", ["a", "b"]), ("a\0b", ["a", "b"]), ("\0", [""]),
        ("a\0\0", ["a", ""]), ("\0\0b\0", ["", "", "b"]),
    ])
    func stringsEndInZero(text: String, expected: [String]) {
        let bytes = Array("x\(text)".utf8)
        #expect(Program.strings(bytes[1...]) == expected.map { Array($0.utf8) })
        let program = Program(name: ThreadName([]), path: [], arguments: text.utf8)
        #expect(program.arguments == expected.map { Array($0.utf8) })
        #expect(program.firstArgument == expected.first.map { Array($0.utf8) })
    }

    @Test func textIsCountedWithoutACopy() {
        let programs = [
            Program(name: ThreadName([]), path: "/usr/bin/sh".utf8, folder: "/home/ana".utf8, script: "./a.sh".utf8),
            Program(name: ThreadName([]), path: "/usr/bin/sh".utf8, folder: "/".utf8, script: "/a.sh".utf8),
            Program(name: ThreadName([]), path: "/usr/bin/curl".utf8), Program(name: ThreadName([]), path: []),
        ]
        for program in programs {
            let counts = program.textByteCounts
            #expect(counts.executable == program.executable?.count ?? 0)
            #expect(counts.workingFolder == program.workingFolder?.count ?? 0)
            #expect(counts.script == program.script?.count ?? 0)
        }
    }
}
