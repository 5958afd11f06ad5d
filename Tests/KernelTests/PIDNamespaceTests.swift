internal import Foundation
internal import Testing

extension KernelSuite {
    /// Process ids in a pid namespace are not those that the kernel tells.
    @Suite("In another pid namespace")
    struct PIDNamespace {
        private static let unshare = "/usr/bin/unshare"
        private static let way = [unshare, "--pid", "--fork", "--mount-proc"]

        private func needUnshare() throws {
            guard FileManager.default.isExecutableFile(atPath: Self.unshare) else {
                try Test.cancel("there is no \(Self.unshare)")
            }
        }

        @Test("a trace is refused, with what to do", arguments: Kernel.anyHookSet)
        func traceIsRefused(hookSet: String) throws {
            try needUnshare()
            let folder = try Folder()
            let call = ["trace", "--hooks", hookSet, "--output", folder.at("log"), "--", "/bin/true"]
            let child = try Child(Self.way[0], Self.way.dropFirst() + [Kernel.tattle] + call)
            #expect(try child.wait() == 69, "\(child.errors)")
            #expect(child.errors.contains("--pid=host") && child.errors.split(separator: "\n").count == 1)
            #expect(!folder.has("log") && child.output == "")
        }

        @Test("doctor says so, and is 69")
        func doctorSaysSo() throws {
            try needUnshare()
            let (said, status) = try Examination.make(by: Self.way)
            #expect(status == 69 && said.verdict == "unfit" && said.system.process_ids == "nested")
            #expect(said.findings.first?.remedy?.contains("--pid=host") == true)
        }
    }
}
