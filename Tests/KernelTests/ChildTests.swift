internal import Foundation
internal import Testing

extension KernelSuite {
    /// What the tests themselves start their programs with.
    @Suite("A program that a test starts")
    struct Children {
        @Test("leaves no descriptor open here, and inherits none but the first three")
        func inheritance() throws {
            let before = try Child.openDescriptors().count
            for _ in 0..<20 {
                let child = try Child("/bin/sh", ["-c", "echo out; echo /proc/self/fd/* >&2; exit 3"])
                #expect(try child.wait() == 3)
                #expect(child.output == "out\n")
                // The shell itself expands the pattern, and opens the folder for that.
                #expect(child.errors.split(separator: " ").count == 4, "\(child.errors)")
            }
            #expect(try Child.openDescriptors().count <= before + 2)
        }

        @Test("is told by the signal that ended it, and goes with its owner")
        func end() throws {
            let killed = try Child("/bin/sleep", ["1000"])
            killed.send(SIGTERM)
            #expect(try killed.wait() == 128 + SIGTERM)
            let pid = try Child("/bin/sleep", ["1000"]).pid
            #expect(kill(pid, 0) == -1 && errno == ESRCH)
        }

        @Test("that is not there is told")
        func missing() {
            #expect(throws: Child.Failure.self) { try Child("/nowhere", []) }
        }
    }
}
