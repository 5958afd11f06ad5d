internal import Attribution
internal import Model
internal import Testing

/// What /proc says of a process, and what it ran before.
@Suite struct EarlyExecTests {
    /// It connects, and executes another program, which is what /proc knows; then the ring is read.
    @Test func aProgramThatProcKnowsIsNotTheOneBeforeTheExecThatIsStillToCome() {
        let process = ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_000_000)
        let later = facts(7, start: 1_230_000_000, name: "later", parent: process, source: .procfs)
        var table = ProcessTable { $0 == 7 ? later : nil }
        table.add(pids: [7])
        table.expect(facts(7, start: 1_234_000_000, name: "later", execID: 4))
        #expect(table.process(of: attempt(by: process, execID: 3)).source == .partial)
        // Nor is a child's that was forked before it.
        let child = ProcessIdentity(pid: 8, startBootNanoseconds: 1_235_000_000)
        table.fork(ProcessFork(child: child, parent: process, forker: process, execID: 3))
        #expect(table.process(of: attempt(by: child, execID: 3)).source == .partial)
        table.exec(facts(7, start: 1_234_000_000, name: "later", execID: 4))
        #expect(table.process(of: attempt(by: process, execID: 4)).program.executable == Array("/bin/later".utf8))
        // /proc is asked no more about what came before.
        #expect(table.process(of: attempt(by: process, execID: 3)).source == .partial)
        #expect(table.process(of: attempt(by: process, execID: 4)).source == .kernel)
    }

    /// It was read before the exec.
    @Test func aProgramThatIsNotExecutedLaterIsTheOneBefore() {
        let process = ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_000_000)
        var isThere = true
        var table = ProcessTable { _ in
            isThere ? facts(7, start: 1_230_000_000, name: "first", inode: 1, source: .procfs) : nil
        }
        table.add(pids: [7])
        isThere = false
        for (name, inode) in [("second", 2), ("third", 3)] as [(String, UInt64)] {
            table.expect(facts(7, start: 1_234_000_000, name: name, inode: inode, execID: 4))
        }
        #expect(table.process(of: attempt(by: process, execID: 3)).program.executable == Array("/bin/first".utf8))
    }

    @Test func whatProcKnowsIsOfANewerProgramWhereItsExecWasLost() {
        let process = ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_000_000)
        var table = ProcessTable { $0 == 7 ? facts(7, start: 1_230_000_000, name: "new", source: .procfs) : nil }
        table.exec(facts(7, start: 1_234_000_000, name: "old", execID: 3))
        #expect(table.process(of: attempt(by: process, execID: 4)).program.executable == Array("/bin/new".utf8))
    }
}
