internal import Attribution
internal import Glibc
internal import Model
internal import Testing

/// Of a process that runs `/bin/NAME`.
func facts(
    _ pid: UInt32, start: UInt64, name: String = "a", inode: UInt64 = 0, parent: ProcessIdentity? = nil,
    execID: UInt32? = nil, session: UInt32? = nil, source: AttributionSource = .kernel
) -> ProcessFacts {
    ProcessFacts(
        identity: ProcessIdentity(pid: pid, startBootNanoseconds: start), parentIdentity: parent,
        program: Program(
            name: ThreadName(name.utf8), path: Array("/bin/\(name)".utf8), arguments: Array("\(name)\0".utf8),
            stamp: FileStamp(inode: inode)),
        execID: execID,
        surroundings: Surroundings(
            sessionLeader: session.map {
                SessionLeader(identity: ProcessIdentity(pid: $0, startBootNanoseconds: 0), program: nil)
            }), source: source)
}

/// An attempt of a process, of which it says the least.
func attempt(by identity: ProcessIdentity, execID: UInt32? = nil) -> Attempt {
    Attempt(
        id: 1, reference: RecordReference(cpu: 0, hook: 2, sequence: 1), phase: .whole, startedBootNanoseconds: 5,
        observedBootNanoseconds: 6, process: identity, threadID: identity.pid, threadName: ThreadName("thread".utf8),
        userID: 1000, execID: execID, transport: .tcp, destination: Endpoint(address: .v4(1), port: 1),
        outcome: .established)
}

@Suite struct ProcessTableTests {
    @Test func aProcessThatIsGoneIsStillKnown() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100))
        table.exit(ProcessIdentity(pid: 7, startBootNanoseconds: 100))
        #expect(table.runningCount == 0)
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 100))?.program.name.bytes == [97])
    }

    @Test func aPidThatComesBackIsAnotherProcess() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100, name: "old"))
        table.exit(ProcessIdentity(pid: 7, startBootNanoseconds: 100))
        table.exec(facts(7, start: 200, name: "new"))
        #expect(
            table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 100))?.program.name.bytes == Array("old".utf8)
        )
        #expect(
            table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 200))?.program.name.bytes == Array("new".utf8)
        )
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 300)) == nil)
    }

    @Test func aChildRunsItsForkersProgramUntilItExecs() {
        var table = ProcessTable { _ in nil }
        let parent = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        let child = ProcessIdentity(pid: 8, startBootNanoseconds: 150)
        table.exec(facts(7, start: 100, name: "sh"))
        table.fork(ProcessFork(child: child, parent: parent, forker: parent))
        #expect(table.facts(of: child)?.program.executable == Array("/bin/sh".utf8))
        #expect(table.facts(of: child)?.parentIdentity == parent)
        table.exec(facts(8, start: 150, name: "curl", parent: parent))
        #expect(table.facts(of: child)?.program.executable == Array("/bin/curl".utf8))
        #expect(table.facts(of: parent)?.program.executable == Array("/bin/sh".utf8))
    }

    @Test func whatProcKnowsToTenMillisecondsIsMadeExact() {
        var isThere = true
        var table = ProcessTable { _ in isThere ? facts(7, start: 1_230_000_000, source: .procfs) : nil }
        table.add(pids: [7])
        isThere = false
        let exact = ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_567_890)
        #expect(table.facts(of: exact)?.identity == exact)
        // From now on the exact start is the only one.
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_567_891)) == nil)
    }

    @Test func anAttemptWithoutAStartTimeFindsTheProcessThatRunsNow() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 100))
        #expect(table.facts(of: ProcessIdentity(pid: 7, startBootNanoseconds: 0))?.program.name.bytes == [97])
    }

    @Test func whatIsNotKnownIsReadFromProcWhileItLives() {
        var table = ProcessTable { pid in pid == 7 ? facts(7, start: 1_230_000_000, source: .procfs) : nil }
        let found = table.process(of: attempt(by: ProcessIdentity(pid: 7, startBootNanoseconds: 1_234_000_000)))
        #expect(found.source == .procfs)
        // /proc has another process under that pid by now.
        let other = table.process(of: attempt(by: ProcessIdentity(pid: 7, startBootNanoseconds: 9_000_000_000)))
        #expect(other.source == .partial)
    }

    @Test func anUnknownProcessIsMadeOfWhatTheAttemptCarriesAndNothingElse() {
        var table = ProcessTable { _ in nil }
        let who = table.process(of: attempt(by: ProcessIdentity(pid: 9, startBootNanoseconds: 5)))
        #expect(who.source == .partial)
        #expect(who.program.name.bytes == Array("thread".utf8))
        #expect(who.program.executable == nil && who.program.arguments.isEmpty && who.parent == nil)
    }

    @Test func rememberingTheDeadIsBounded() {
        var table = ProcessTable { _ in nil }
        for pid in 1...UInt32(ProcessTable.pastLimit + 100) {
            table.exec(facts(pid, start: UInt64(pid) * 3))
            table.exit(ProcessIdentity(pid: pid, startBootNanoseconds: UInt64(pid) * 3))
        }
        #expect(table.pastCount == ProcessTable.pastLimit)
        #expect(table.facts(of: ProcessIdentity(pid: 1, startBootNanoseconds: 3)) == nil)
        let last = UInt32(ProcessTable.pastLimit + 100)
        #expect(table.facts(of: ProcessIdentity(pid: last, startBootNanoseconds: UInt64(last) * 3)) != nil)
    }

    @Test func rememberingTheDeadIsBoundedInBytesToo() {
        var table = ProcessTable { _ in nil }
        let arguments = [UInt8](repeating: UInt8(ascii: "a"), count: 4096)
        for pid in 1...UInt32(4096) {
            let identity = ProcessIdentity(pid: pid, startBootNanoseconds: UInt64(pid))
            let program = Program(name: ThreadName([]), path: [], arguments: arguments)
            table.exec(ProcessFacts(identity: identity, program: program, source: .kernel))
            table.exit(identity)
        }
        #expect(table.pastCount == ProcessTable.pastTextLimit / 4096)
    }

    /// The record of an exec was lost: what is known is another program's.
    @Test func aProcessThatHasExecutedSomethingElseIsReadAnewOrNotNamed() {
        let child = ProcessIdentity(pid: 8, startBootNanoseconds: 1_234_000_000)
        let gone = ProcessIdentity(pid: 9, startBootNanoseconds: 1_234_000_000)
        var table = ProcessTable { pid in pid == 8 ? facts(8, start: 1_230_000_000, name: "new", source: .procfs) : nil
        }
        table.exec(facts(7, start: 100, name: "sh", execID: 3))
        let shell = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        for process in [child, gone] {
            table.fork(ProcessFork(child: process, parent: shell, forker: shell, execID: 3))
        }
        #expect(table.process(of: attempt(by: gone, execID: 3)).program.executable == Array("/bin/sh".utf8))
        let found = table.process(of: attempt(by: child, execID: 4))
        #expect(found.program.executable == Array("/bin/new".utf8) && found.source == .procfs)
        let lost = table.process(of: attempt(by: gone, execID: 4))
        #expect(lost.program.executable == nil && lost.source == .partial)
        // Whose child it is, is known all the same.
        #expect(found.parent?.identity == shell && lost.parent?.identity == shell)
    }

    @Test func aChildOfOneThatHasExecutedSomethingElseDoesNotRunItsOldProgram() {
        var table = ProcessTable { _ in nil }
        let shell = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        let child = ProcessIdentity(pid: 8, startBootNanoseconds: 200)
        table.exec(facts(7, start: 100, name: "sh", execID: 3))
        table.fork(ProcessFork(child: child, parent: shell, forker: shell, execID: 4))
        #expect(table.process(of: attempt(by: child, execID: 4)).source == .partial)
    }

    @Test func whatAProcessRanBeforeIsStillKnownForWhatComesLate() {
        var table = ProcessTable { _ in nil }
        let process = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        table.exec(facts(7, start: 100, name: "first", execID: 1))
        table.exec(facts(7, start: 100, name: "second", execID: 2))
        #expect(table.process(of: attempt(by: process, execID: 1)).program.executable == Array("/bin/first".utf8))
        #expect(table.process(of: attempt(by: process, execID: 2)).program.executable == Array("/bin/second".utf8))
    }

    @Test func theNewestRunOfAProcessIsToldFromThoseBefore() throws {
        var table = ProcessTable { _ in nil }
        let first = facts(7, start: 100, name: "first", execID: 1)
        let second = facts(7, start: 100, name: "second", execID: 2)
        table.exec(first)
        #expect(table.isNewestRun(of: first))
        table.exec(second)
        #expect(!table.isNewestRun(of: first) && table.isNewestRun(of: second))
        table.exit(second.identity)
        #expect(!table.isNewestRun(of: first) && table.isNewestRun(of: second))
        // The pid has come round.
        table.exec(facts(7, start: 200, name: "other", execID: 1))
        #expect(!table.isNewestRun(of: first) && table.isNewestRun(of: second))
    }

    @Test func ancestorsStayKnownWhenTheyAreGoneAndTheChildIsTakenOver() {
        var table = ProcessTable { _ in nil }
        let names = ["init", "sshd", "daemon", "beacon"]
        let all = (1...4).map { ProcessIdentity(pid: $0, startBootNanoseconds: UInt64($0) * 100) }
        table.exec(facts(1, start: 100, name: "init"))
        for (parent, child) in zip(all, all.dropFirst()) {
            table.fork(ProcessFork(child: child, parent: parent, forker: parent))
            table.exec(
                facts(child.pid, start: child.startBootNanoseconds, name: names[Int(child.pid) - 1], parent: parent))
        }
        table.exit(all[1])
        table.exit(all[2])
        // init has taken it over by the time it executes once more.
        table.exec(facts(4, start: 400, name: "again", parent: all[0]))
        let facts = table.facts(of: all[3])
        #expect(facts?.parentIdentity == all[2])
        #expect(facts.map { $0.ancestors.map(\.identity) } == [all[2], all[1], all[0]])
    }

    /// Each process starts the next one and ends: the chain has no end, what is held has.
    @Test func aRelayOfProcessesHoldsFewAncestors() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(1, start: 1))
        for pid in 2...UInt32(1000) {
            let parent = ProcessIdentity(pid: pid - 1, startBootNanoseconds: UInt64(pid - 1))
            table.fork(
                ProcessFork(
                    child: ProcessIdentity(pid: pid, startBootNanoseconds: UInt64(pid)), parent: parent, forker: parent)
            )
            table.exit(parent)
        }
        var count = 0
        var next = table.facts(of: ProcessIdentity(pid: 1000, startBootNanoseconds: 1000))
        while let parent = next?.parent {
            count += 1
            next = parent
        }
        #expect(count >= ProcessFacts.ancestryLimit && count <= 2 * ProcessFacts.ancestryLimit + 1)
    }

    @Test func theLeaderOfASessionIsKnownByWhatItRanEvenWhenItIsGone() {
        var table = ProcessTable { _ in nil }
        let shell = ProcessIdentity(pid: 7, startBootNanoseconds: 100)
        table.exec(facts(7, start: 100, name: "sh", session: 7))
        table.exec(facts(8, start: 200, name: "a", session: 7))
        table.exit(shell)
        table.exec(facts(8, start: 200, name: "b", session: 7))
        let leader = table.facts(of: ProcessIdentity(pid: 8, startBootNanoseconds: 200))?.surroundings.sessionLeader
        #expect(leader?.identity == shell && leader?.program?.executable == Array("/bin/sh".utf8))
    }

    @Test func theSameProgramIsHeldOnce() {
        var table = ProcessTable { _ in nil }
        for pid in 7...UInt32(9) { table.exec(facts(pid, start: 100, name: "worker")) }
        let programs = (7...UInt32(9)).compactMap {
            table.facts(of: ProcessIdentity(pid: $0, startBootNanoseconds: 100))?.program
        }
        #expect(programs.count == 3 && programs.allSatisfy { $0 === programs[0] })
    }

    @Test func aParentThatProcNamedByPidAloneIsLinkedWhileItIsCertain() {
        let alone = ProcessIdentity(pid: 1, startBootNanoseconds: 0)
        let all: [UInt32: ProcessFacts] = [
            2: facts(2, start: 20_000_000, name: "shell", parent: alone, session: 3, source: .procfs),
            1: facts(1, start: 10_000_000, name: "init", source: .procfs),
            3: facts(
                3, start: 20_000_000, name: "orphan", parent: .init(pid: 99, startBootNanoseconds: 0), source: .procfs),
            // What it was born to has ended, and its pid has come round.
            4: facts(
                4, start: 10_000_000, name: "older", parent: .init(pid: 2, startBootNanoseconds: 0), source: .procfs),
        ]
        var table = ProcessTable { all[$0] }
        table.add(pids: [4, 2, 3])
        let known = all.keys.sorted().compactMap { pid in all[pid].flatMap { table.facts(of: $0.identity) } }
        #expect(table.runningCount == 4)
        #expect(
            known.map(\.parent?.identity) == [nil, ProcessIdentity(pid: 1, startBootNanoseconds: 10_000_000), nil, nil])
        #expect(known[1].parentIdentity == known[0].identity)
        #expect(known[1].surroundings.sessionLeader?.program?.objectIdentifier == known[2].program.objectIdentifier)
    }

    /// Pids come round: a shell may have a higher one than what it starts.
    @Test func ancestorsAreKnownWhereTheSessionLeaderIsOneOfThemWithAHigherPID() {
        let all: [UInt32: ProcessFacts] = [
            5: facts(
                5, start: 30_000_000, parent: .init(pid: 9, startBootNanoseconds: 0), session: 20, source: .procfs),
            9: facts(
                9, start: 20_000_000, parent: .init(pid: 20, startBootNanoseconds: 0), session: 20, source: .procfs),
            20: facts(20, start: 10_000_000, name: "shell", session: 20, source: .procfs),
        ]
        var table = ProcessTable { all[$0] }
        table.add(pids: [5, 9, 20])
        let youngest = table.facts(of: ProcessIdentity(pid: 5, startBootNanoseconds: 30_000_000))
        #expect(youngest?.parent?.identity.pid == 9 && youngest?.parent?.parent?.identity.pid == 20)
        #expect(youngest?.surroundings.sessionLeader?.identity.startBootNanoseconds == 10_000_000)
    }

    @Test func workersWithArgumentsOfTheirOwnShareTheRest() {
        func worker(_ pid: UInt32, _ source: AttributionSource) -> ProcessFacts {
            ProcessFacts(
                identity: ProcessIdentity(pid: pid, startBootNanoseconds: 10_000_000),
                program: Program(
                    name: ThreadName([]), path: Array("/bin/worker".utf8), arguments: Array("worker\0\(pid)\0".utf8)),
                surroundings: Surroundings(credentials: Credentials(userID: 7)), source: source)
        }
        var table = ProcessTable { worker($0, .procfs) }
        table.add(pids: [7, 8])
        table.exec(worker(9, .kernel))
        let all = (7...9 as ClosedRange<UInt32>).compactMap { table.facts(of: worker($0, .kernel).identity) }
        #expect(all.map { String(decoding: $0.program.arguments[1], as: UTF8.self) } == ["7", "8", "9"])
        #expect(all.allSatisfy { $0.program.image === all[0].program.image && $0.surroundings === all[0].surroundings })
    }

    @Test func anExitThatTellsOfAnotherProcessEndsNothing() {
        var table = ProcessTable { _ in nil }
        table.exec(facts(7, start: 200))
        table.exit(ProcessIdentity(pid: 7, startBootNanoseconds: 100))
        #expect(table.runningCount == 1)
    }
}
