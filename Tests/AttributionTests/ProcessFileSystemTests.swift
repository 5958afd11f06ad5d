internal import Attribution
internal import Foundation
internal import Model
internal import Testing

/// The target of a symbolic link; empty: it cannot be read.
private func link(_ path: String) -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
}

@Suite struct ProcessFileSystemTests {
    /// Against what /proc says of this process by other ways; in a container, session and parent may be out of sight.
    @Test func readsItselfFromProc() throws {
        let processes = ProcessFileSystem()
        let pid = try #require(UInt32(link("/proc/self")))
        #expect(processes.pids().contains(pid))
        let own = try #require(processes.facts(of: pid))
        #expect(own.identity.pid == pid && own.source == .procfs && !own.isKernelThread)
        #expect(own.program.arguments == CommandLine.arguments.map { Array($0.utf8) })
        #expect(own.program.executable == Array(link("/proc/self/exe").utf8))
        #expect(own.program.workingFolder == Array(link("/proc/self/cwd").utf8))
        #expect(own.program.stamp.isComplete)
        #expect(own.surroundings.credentials.userID == getuid())
        #expect(own.surroundings.credentials.capabilities != nil)
        #expect("mnt:[\(own.surroundings.namespaces.mount)]" == link("/proc/self/ns/mnt"))
        #expect(own.namespacePID == UInt32(getpid()))
    }

    /// 0 is how the kernel names a process outside the reader's pid namespace: none is known then.
    @Test(arguments: [(parent: 7, session: 5), (0, 0)] as [(parent: UInt32, session: UInt32)])
    func aParentOrSessionLeaderOutOfSightIsNone(parent: UInt32, session: UInt32) throws {
        let root = FileManager.default.temporaryDirectory.path + "/tattle-proc-\(getpid())-\(session)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/9", withIntermediateDirectories: true)
        let stat = "9 (a) S \(parent) 9 \(session) 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 300 0 0"
        try Data(stat.utf8).write(to: URL(fileURLWithPath: root + "/9/stat"))
        let facts = try #require(ProcessFileSystem(root: root).facts(of: 9))
        #expect(facts.parentIdentity?.pid == (parent == 0 ? nil : parent))
        #expect(facts.surroundings.sessionLeader?.identity.pid == (session == 0 ? nil : session))
    }

    @Test func aProcessThatIsNotThereIsNil() {
        #expect(ProcessFileSystem().facts(of: .max) == nil)
        #expect(ProcessFileSystem(root: "/nonexistent").pids().isEmpty)
    }
}
