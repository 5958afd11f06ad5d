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

    /// As of a program whose first thread called pthread_exit(3): what all have in common is told of those that live only.
    @Test func aProcessWhoseFirstThreadHasEndedIsReadByWayOfAnother() throws {
        let files = FileManager.default
        let root = files.temporaryDirectory.path + "/tattle-proc-\(getpid())-thread"
        defer { try? files.removeItem(atPath: root) }
        try files.createDirectory(atPath: root + "/9/task/9", withIntermediateDirectories: true)
        try files.createDirectory(atPath: root + "/9/task/11/ns", withIntermediateDirectories: true)
        try files.createDirectory(atPath: root + "/9/task/11/fd", withIntermediateDirectories: true)
        try files.createDirectory(atPath: root + "/9/task/11/net", withIntermediateDirectories: true)
        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/9/\(name)"))
        }
        try write("9 (a) Z 1 9 5 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 2 0 300 0 0", to: "stat")
        // More groups than fit into a page stand before the capabilities.
        let groups = (1...2000).map { "\(60_000 + $0)" }.joined(separator: " ")
        try write("Uid:\t3\t3\t3\t3\nGroups:\t\(groups)\nNSpid:\t9\t4\nCapEff:\t00000000000000ff\n", to: "status")
        try write("/bin/a\0-b\0", to: "task/11/cmdline")
        let local = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        let line = "   0: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     3        0 77 1 0\n"
        try write(local + line, to: "task/11/net/tcp")
        for (name, target) in [
            ("exe", "/bin/sh"), ("cwd", "/tmp"), ("ns/net", "net:[5]"), ("ns/mnt", "mnt:[6]"), ("fd/3", "socket:[77]"),
        ] {
            try files.createSymbolicLink(atPath: "\(root)/9/task/11/\(name)", withDestinationPath: target)
        }
        let processes = ProcessFileSystem(root: root)
        let facts = try #require(processes.facts(of: 9))
        #expect(facts.program.executable == Array("/bin/sh".utf8) && facts.program.stamp.isComplete)
        #expect(facts.program.arguments == [Array("/bin/a".utf8), Array("-b".utf8)])
        #expect(facts.program.workingFolder == Array("/tmp".utf8))
        #expect(facts.surroundings.namespaces.network == 5 && facts.surroundings.namespaces.mount == 6)
        #expect(facts.namespacePID == 4 && facts.surroundings.credentials.capabilities == 0xff)
        let found = SocketInventory(files: processes).read().sockets
        #expect(found.map(\.owners) == [[9]] && found.map(\.namespace) == [5])
    }

    @Test func aProcessThatIsNotThereIsNil() {
        #expect(ProcessFileSystem().facts(of: .max) == nil)
        #expect(ProcessFileSystem(root: "/nonexistent").pids().isEmpty)
    }
}
