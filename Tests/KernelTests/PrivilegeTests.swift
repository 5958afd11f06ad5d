internal import Foundation
internal import Testing

extension KernelSuite {
    /// What happens to whoever may not trace.
    @Suite("Without privileges")
    struct Privileges {
        /// A copy that everybody can reach: the build folder may be private.
        private func publicCopy(_ folder: Folder) throws -> String {
            let path = folder.at("tattle")
            try FileManager.default.copyItem(atPath: Kernel.tattle, toPath: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            return path
        }

        @Test(
            "tattle says which capabilities are missing and how to grant them, and is 77",
            arguments: [[], ["--keep-root"]])
        func missing(options: [String]) throws {
            let folder = try Folder()
            let tattle = try publicCopy(folder)
            let call = ["drop-privileges"] + options + [tattle, "trace", "--output", "/dev/null", "--duration", "0.1s"]
            let child = try Child(Kernel.attempts, call)
            #expect(try child.wait() == 77, "\(child.errors)")
            for name in ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "setcap"] {
                #expect(child.errors.contains(name), "\(child.errors)")
            }
            #expect(child.errors.split(separator: "\n").count == 1, "not one line: \(child.errors)")
            #expect(child.output == "")
        }

        @Test("no command is started and no output made")
        func untouched() throws {
            let folder = try Folder()
            let tattle = try publicCopy(folder)
            let call = ["drop-privileges", tattle, "trace", "--output", "/tmp/tattle-test-\(UUID().uuidString)"]
            let child = try Child(Kernel.attempts, call + ["--", "/bin/sh", "-c", "echo started"])
            #expect(try child.wait() == 77, "\(child.errors)")
            #expect(child.output == "")
            #expect(!FileManager.default.fileExists(atPath: call[4]))
        }

        @Test("help and mistakes are still answered")
        func help() throws {
            let folder = try Folder()
            let tattle = try publicCopy(folder)
            let help = try Child(Kernel.attempts, ["drop-privileges", tattle, "trace", "--help"])
            #expect(try help.wait() == 0)
            #expect(help.output.contains("--settle"))
            let mistake = try Child(Kernel.attempts, ["drop-privileges", tattle, "trace", "--port", "70000"])
            #expect(try mistake.wait() == 64)
        }
    }
}
