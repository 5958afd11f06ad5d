internal import Foundation
internal import Testing

@testable internal import TraceSession

@Suite struct UserNamesTests {
    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "tattle-passwd-\(UUID().uuidString)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func namesAndIdsComeFromTheFile() throws {
        let path = try file("root:x:0:0:root:/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\nbroken\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let names = UserNames(path: path)
        #expect(names.name(of: 1000) == Array("ana".utf8))
        #expect(names.name(of: 4) == nil)
        #expect(names.id(of: "ana") == 1000 && names.id(of: "0") == 0 && names.id(of: "77") == 77)
        #expect(names.id(of: "bob") == nil && names.id(of: "") == nil)
    }

    @Test func theFirstOfTwoNamesForOneUserCounts() throws {
        let path = try file("root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(UserNames(path: path).name(of: 0) == Array("root".utf8))
    }

    @Test func eachNameOfAUserHasItsID() throws {
        let path = try file("root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\ntoor:x:9:9::/root:/bin/sh\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let names = UserNames(path: path)
        #expect(names.id(of: "root") == 0 && names.id(of: "toor") == 0)
    }

    @Test func aMissingFileHasNoNames() {
        #expect(UserNames(path: "/nonexistent").name(of: 0) == nil)
    }
}

@Suite struct CommandTests {
    @Test func aCommandIsFoundInPath() throws {
        #expect(try Command.locate("sh").hasSuffix("/sh"))
        #expect(try Command.locate("/bin/sh") == "/bin/sh")
    }

    @Test(arguments: ["no-such-command-here", "/no/such/file", ""])
    func aCommandThatIsNotThereIs127(name: String) {
        #expect { try Command.locate(name) } throws: { ($0 as? TracingError)?.exitCode == 127 }
    }

    @Test(arguments: ["/etc/passwd", "/etc"])
    func aCommandThatMayNotBeExecutedIs126(name: String) {
        #expect { try Command.locate(name) } throws: { ($0 as? TracingError)?.exitCode == 126 }
    }

    @Test func aHeldCommandDoesNothingUntilItIsReleased() throws {
        let mark = NSTemporaryDirectory() + "tattle-mark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: mark) }
        let command = try Command(["sh", "-c", "echo x > \(mark); exit 7"])
        #expect(!FileManager.default.fileExists(atPath: mark))
        try command.release(name: "sh")
        var status: Int32?
        while status == nil { status = command.exitStatus() }
        #expect(status == 7)
        #expect(FileManager.default.fileExists(atPath: mark))
    }

    @Test func aCommandEndedByASignalIs128AndItsNumber() throws {
        let command = try Command(["sh", "-c", "kill -TERM $$"])
        try command.release(name: "sh")
        var status: Int32?
        while status == nil { status = command.exitStatus() }
        #expect(status == 143)
    }
}

@Suite struct DurationTests {
    @Test func nanosecondsAreClamped() {
        #expect(Duration.seconds(1).nanosecondsClamped == 1_000_000_000)
        #expect(Duration.milliseconds(1).nanosecondsClamped == 1_000_000)
        #expect(Duration.seconds(-1).nanosecondsClamped == 0)
        #expect(Duration.seconds(Int64.max).nanosecondsClamped == .max)
    }
}
