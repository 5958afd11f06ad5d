internal import Attribution
internal import Files
internal import Glibc
internal import Model
internal import Testing

@testable internal import TraceSession

@Suite struct AttributorTests {
    private func program(_ name: String, stamp: FileStamp = FileStamp()) -> Program {
        Program(name: ThreadName(name.utf8), path: Array("/nowhere/\(name)".utf8), stamp: stamp)
    }

    private func attempt(execID: UInt32, cgroupID: UInt64 = 0) -> Attempt {
        Attempt(
            id: 1, reference: RecordReference(cpu: 0, hook: 1, sequence: 1), phase: .whole, startedBootNanoseconds: 1,
            observedBootNanoseconds: 2, process: ProcessIdentity(pid: 7, startBootNanoseconds: 3), threadID: 7,
            threadName: ThreadName([]), userID: 0, execID: execID, cgroupID: cgroupID, transport: .tcp,
            destination: Endpoint(address: .v4(1), port: 1), outcome: .failed(errno: 111))
    }

    private func facts(_ program: Program, execID: UInt32, pid: UInt32 = 7) -> ProcessFacts {
        ProcessFacts(
            identity: ProcessIdentity(pid: pid, startBootNanoseconds: 3), program: program, execID: execID,
            source: .kernel)
    }

    @Test func whatIsKnownOfAProcessIsOfOneRunOfOneProgramInOneControlGroup() {
        var who = Attributor(
            processes: ProcessTable { _ in nil }, groups: ControlGroupTable { _ in nil }, executables: nil,
            arguments: nil)
        who.processes.exec(facts(program("first"), execID: 1))
        #expect(who.attribution(of: attempt(execID: 1)).process.program.name == ThreadName("first".utf8))
        who.processes.exec(facts(program("second"), execID: 2))
        #expect(who.attribution(of: attempt(execID: 2)).process.program.name == ThreadName("second".utf8))
        // An outcome that comes late.
        #expect(who.attribution(of: attempt(execID: 1)).process.program.name == ThreadName("first".utf8))
        #expect(who.attribution(of: attempt(execID: 2, cgroupID: 5)).group == nil)
        who.groups.add(id: 5, path: Array("/system.slice/x.service".utf8))
        #expect(who.attribution(of: attempt(execID: 2, cgroupID: 5)).group?.unit == "x.service")
        #expect(who.attribution(of: attempt(execID: 2)).group == nil)
    }

    @Test func whoIsNotKnownIsAskedForAgain() {
        var who = Attributor(
            processes: ProcessTable { _ in nil }, groups: ControlGroupTable { _ in nil }, executables: nil,
            arguments: nil)
        #expect(who.attribution(of: attempt(execID: 1)).process.source == .partial)
        who.processes.exec(facts(program("first"), execID: 1))
        #expect(who.attribution(of: attempt(execID: 1)).process.source == .kernel)
    }

    @Test func anExecutableThatIsGoneIsLookedForOnceForEachProcess() throws {
        let executables = Executables(inspector: try FileInspector(packages: nil), ownMountNamespace: 0)
        defer { executables.stop() }
        let gone = program(
            "gone",
            stamp: FileStamp(device: 1, inode: 2, size: 3, modifiedNanoseconds: 4, changedNanoseconds: 5))
        // Ids that no process has.
        let (one, other) = (facts(gone, execID: 1, pid: 1 << 30), facts(gone, execID: 1, pid: 1 << 30 + 1))
        for process in [one, other] {
            guard case .pending = executables.answer(for: process) else {
                Issue.record("it is not looked for")
                return
            }
            var entry = pollfd(fd: executables.notificationDescriptor, events: Int16(POLLIN), revents: 0)
            // One entry that lives through the call.
            #expect(unsafe poll(&entry, 1, 60_000) == 1)
            #expect(executables.acknowledge().map(\.verdict.failure) == [.gone])
            for _ in 0..<3 {
                guard case .known(let verdict) = executables.answer(for: process) else {
                    Issue.record("it is looked for again")
                    return
                }
                #expect(verdict.failure == .gone)
            }
        }
    }
}
