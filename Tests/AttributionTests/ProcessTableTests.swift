internal import Attribution
internal import Model
internal import Testing

private func facts(
    _ pid: UInt32, start: UInt64, name: String = "a", parent: ProcessIdentity? = nil,
    source: AttributionSource = .kernel
) -> ProcessFacts {
    ProcessFacts(
        identity: ProcessIdentity(pid: pid, startBootNanoseconds: start), parentIdentity: parent,
        name: Array(name.utf8), executable: Array("/bin/\(name)".utf8), arguments: [Array(name.utf8)], source: source)
}

private func attempt(by identity: ProcessIdentity) -> Attempt {
    Attempt(
        id: 1, reference: RecordReference(cpu: 0, hook: 2, sequence: 1), phase: .whole, startedBootNanoseconds: 5,
        observedBootNanoseconds: 6, process: identity, threadID: identity.pid, threadName: ThreadName("thread".utf8),
        userID: 1000, transport: .tcp, destination: Endpoint(address: .v4(1), port: 1), outcome: .established)
}

@Suite struct ProcessTableTests {
    @Test func aProcessThatIsGoneIsStillKnown() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100))
        table.exit(ProcessIdentity(pid: 7, startBootNanoseconds: 100))
        #expect(table.runningCount == 0)
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 100))?.name == [97])
    }

    @Test func aPidThatComesBackIsAnotherProcess() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100, name: "old"))
        table.exit(ProcessIdentity(pid: 7, startBootNanoseconds: 100))
        table.exec(facts(7, start: 200, name: "new"))
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 100))?.name == Array("old".utf8))
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 200))?.name == Array("new".utf8))
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 300)) == nil)
    }

    @Test func aChildRunsItsForkersProgramUntilItExecs() {
        var table = ProcessTable { _ in nil }
        let parent = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        let child = ProcessIdentity(pid: 8, startBootNanoseconds: 150)
        table.exec(facts(7, start: 100, name: "sh"))
        table.fork(ProcessFork(child: child, parent: parent, forker: parent))
        #expect(table.facts(of: child)?.executable == Array("/bin/sh".utf8))
        #expect(table.facts(of: child)?.parentIdentity == parent)
        table.exec(facts(8, start: 150, name: "curl", parent: parent))
        #expect(table.facts(of: child)?.executable == Array("/bin/curl".utf8))
        #expect(table.facts(of: parent)?.executable == Array("/bin/sh".utf8))
    }

    @Test func whatProcKnowsToTenMillisecondsIsMadeExact() {
        var table = ProcessTable { _ in nil }
        table.add(facts(7, start: 1_230_000_000, source: .procfs))
        let exact = ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_567_890)
        #expect(table.facts(of: exact)?.identity == exact)
        // From now on the exact start is the only one.
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_567_891)) == nil)
    }

    @Test func anAttemptWithoutAStartTimeFindsTheProcessThatRunsNow() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100))
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 0))?.name == [97])
    }

    @Test func whatIsNotKnownIsReadFromProcWhileItLives() {
        var table = ProcessTable { pid in pid == 7 ? facts(7, start: 1_230_000_000, source: .procfs) : nil }
        let found = table.attribution(of: attempt(by: ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_000_000)))
        #expect(found.process.source == .procfs)
        // /proc has another process under that pid by now.
        let other = table.attribution(of: attempt(by: ProcessIdentity(pid: 7, startBootNanoseconds: 9_000_000_000)))
        #expect(other.process.source == .partial)
    }

    @Test func anUnknownProcessIsMadeOfWhatTheAttemptCarriesAndNothingElse() {
        var table = ProcessTable { _ in nil }
        let who = table.attribution(of: attempt(by: ProcessIdentity(pid: 9, startBootNanoseconds: 5)))
        #expect(who.process.source == .partial)
        #expect(who.process.name == Array("thread".utf8))
        #expect(who.process.executable == nil && who.process.arguments.isEmpty && who.parent == nil)
    }

    @Test func rememberingTheDeadIsBounded() {
        var table = ProcessTable { _ in nil }
        for pid in 1...UInt32(ProcessTable.exitedLimit + 100) {
            table.exec(facts(pid, start: UInt64(pid) * 3))
            table.exit(ProcessIdentity(pid: pid, startBootNanoseconds: UInt64(pid) * 3))
        }
        #expect(table.exitedCount == ProcessTable.exitedLimit)
        #expect(table.facts(of: ProcessIdentity(pid: 1, startBootNanoseconds: 3)) == nil)
        let last = UInt32(ProcessTable.exitedLimit + 100)
        #expect(table.facts(of: ProcessIdentity(pid: last, startBootNanoseconds: UInt64(last) * 3)) != nil)
    }

    /// The record of an exec was lost: the forker's program is not the child's any more.
    @Test(arguments: [true, false])
    func afterLostRecordsAProcessIsReadAnewOrNotNamed(isWidespread: Bool) {
        let child = ProcessIdentity(pid: 8, startBootNanoseconds: 1_234_000_000)
        let gone = ProcessIdentity(pid: 9, startBootNanoseconds: 1_234_000_000)
        var table = ProcessTable { pid in pid == 8 ? facts(8, start: 1_230_000_000, name: "new", source: .procfs) : nil
        }
        table.exec(facts(7, start: 100, name: "sh"))
        let shell = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        for process in [child, gone] { table.fork(ProcessFork(child: process, parent: shell, forker: shell)) }
        table.doubt(isWidespread: isWidespread)
        #expect(table.facts(of: child)?.executable == Array("/bin/new".utf8))
        #expect(table.facts(of: gone) == nil)
        // What is told after that is certain again.
        table.exec(facts(7, start: 100, name: "known"))
        #expect(table.facts(of: shell)?.source == .kernel)
    }

    @Test func whereFewRecordsWereLostThoseThatHaveExecutedAreNotDoubted() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100, name: "told"))
        table.doubt(isWidespread: false)
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 100))?.name == Array("told".utf8))
        table.doubt(isWidespread: true)
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 100)) == nil)
    }

    @Test func aParentThatProcNamedByPidAloneIsLinkedWhileItIsCertain() {
        var table = ProcessTable { _ in nil }
        table.add(facts(1, start: 10_000_000, name: "init", source: .procfs))
        let alone = ProcessIdentity(pid: 1, startBootNanoseconds: 0)
        table.add(facts(2, start: 20_000_000, name: "shell", parent: alone, source: .procfs))
        table.add(
            facts(
                3, start: 20_000_000, name: "orphan", parent: .init(pid: 99, startBootNanoseconds: 0), source: .procfs))
        table.linkParents()
        let parent = table.facts(of: ProcessIdentity(pid: 2, startBootNanoseconds: 20_000_000))?.parentIdentity
        #expect(parent == ProcessIdentity(pid: 1, startBootNanoseconds: 10_000_000))
        #expect(table.facts(of: ProcessIdentity(pid: 3, startBootNanoseconds: 20_000_000))?.parentIdentity == nil)
    }

    @Test func anExitThatTellsOfAnotherProcessEndsNothing() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 200))
        table.exit(ProcessIdentity(pid: 7, startBootNanoseconds: 100))
        #expect(table.runningCount == 1)
    }
}

@Suite struct ProcessFileSystemTests {
    @Test func readsItselfFromProc() throws {
        let processes = ProcessFileSystem()
        let pids = processes.pids()
        let own = try #require(
            pids.compactMap { processes.facts(of: $0) }.first {
                $0.arguments == CommandLine.arguments.map { Array($0.utf8) }
            })
        #expect(own.source == .procfs && !own.isKernelThread)
        #expect(own.executable?.first == UInt8(ascii: "/"))
        #expect(own.userID != nil && own.parentIdentity != nil)
    }

    @Test func aProcessThatIsNotThereIsNil() {
        #expect(ProcessFileSystem().facts(of: .max) == nil)
        #expect(ProcessFileSystem(root: "/nonexistent").pids().isEmpty)
    }
}
