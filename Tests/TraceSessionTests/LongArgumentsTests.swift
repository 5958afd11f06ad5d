internal import Foundation
internal import Model
internal import Testing

@testable internal import Files
@testable internal import TraceSession

/// The pipeline with a process that lives and has more arguments than the kernel told.
@Suite struct LongArgumentsTests {
    /// A shell that stops itself, and what is known of it.
    private final class Shell {
        let process = Process()
        let arguments: [UInt8]
        let facts: ProcessFacts

        init() throws {
            let long = String(repeating: "a", count: 6000)
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "kill -STOP $$; exit", long]
            try process.run()
            let pid = UInt32(process.processIdentifier)
            arguments = Array("/bin/sh\u{0}-c\u{0}kill -STOP $$; exit\u{0}\(long)\u{0}".utf8)
            // A process that was just made has no arguments yet.
            while FileManager.default.contents(atPath: "/proc/\(pid)/cmdline").map(Array.init) != arguments {
                sched_yield()
            }
            let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            let fields = stat[try #require(stat.lastIndex(of: ")"))...].dropFirst(2).split(separator: " ")
            facts = ProcessFacts(
                identity: ProcessIdentity(
                    pid: pid, startBootNanoseconds: try #require(UInt64(fields[19])) * 10_000_000 + 1),
                program: Program(
                    name: ThreadName("sh".utf8), path: Array("/bin/sh".utf8), arguments: arguments.prefix(4096),
                    argumentsTotalBytes: arguments.count),
                execID: 3, source: .kernel)
        }

        func end() {
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        deinit { end() }

        func attempt(_ id: UInt64) -> Observation {
            .attempt(
                Attempt(
                    id: id, reference: RecordReference(cpu: 0, hook: 1, sequence: id), phase: .whole,
                    startedBootNanoseconds: 1, observedBootNanoseconds: 2, process: facts.identity,
                    threadID: facts.identity.pid, threadName: ThreadName([]), userID: 0, execID: facts.execID,
                    transport: .tcp, destination: Endpoint(address: .v4(1), port: 1), outcome: .failed(errno: 111)))
        }
    }

    /// A pipeline and what came out of it.
    private final class Run {
        let arguments: LongArguments
        var pipeline: Pipeline
        var programs: [Program] = []
        /// Held, so that the reader waits: by itself it may answer before an event is passed on.
        private let pause = NSLock()

        init() throws {
            let pause = pause
            var search = ArgumentSearch(limitBytes: 32 << 10)
            search.willFind = { pause.withLock {} }
            arguments = LongArguments(reader: try ArgumentReader(search: search, queueLimit: 64))
            pipeline = Pipeline(
                options: TraceOptions(), flowIdleNanoseconds: 1, sources: .init(arguments: arguments))
        }

        /// Does something while the reader answers nothing.
        func paused(_ body: () throws -> Void) rethrows { try pause.withLock(body) }

        func handle(_ observation: Observation) {
            pipeline.handle(observation, now: 0, counters: { _, _ in nil }, emit: emit)
        }

        func emit(_ event: TraceEvent) {
            if case .attempted(let event) = event { programs.append(event.attribution.process.program) }
        }

        /// Waits for answers and hands them over, until nothing is held any more.
        func take() {
            while pipeline.heldCount > 0 {
                var descriptor = pollfd(fd: arguments.notificationDescriptor, events: Int16(POLLIN), revents: 0)
                // Lives through the call.
                let isReadable = unsafe poll(&descriptor, 1, 60_000) == 1
                #expect(isReadable)
                guard isReadable else { return }
                pipeline.takeArguments(now: 0, emit: emit)
            }
        }
    }

    @Test func anEventWaitsForTheRestAndThoseThatFollowHaveIt() throws {
        let (shell, run) = (try Shell(), try Run())
        run.handle(.exec(shell.facts))
        run.paused {
            run.handle(shell.attempt(1))
            #expect(run.programs.isEmpty && run.pipeline.heldCount == 1)
        }
        run.take()
        #expect(run.programs.map(\.argumentBytes) == [shell.arguments] && run.pipeline.heldCount == 0)
        run.handle(shell.attempt(2))
        shell.end()
        run.handle(.exit(shell.facts.identity))
        run.handle(shell.attempt(3))
        #expect(run.programs.count == 3 && run.programs.allSatisfy { $0 === run.programs[0] })
        #expect(run.programs[0].areArgumentsMixed && !run.programs[0].areArgumentsCut)
    }

    @Test func whatTheKernelToldStandsWhereTheProcessHasEnded() throws {
        let (shell, run) = (try Shell(), try Run())
        run.handle(.exec(shell.facts))
        shell.end()
        run.handle(shell.attempt(1))
        run.take()
        run.handle(shell.attempt(2))
        #expect(
            run.programs.count == 2 && run.programs.allSatisfy { $0.argumentBytes.count == 4096 && $0.areArgumentsCut })
    }

    @Test func whatWasReadAfterAnotherExecIsNotBelieved() throws {
        let (shell, run) = (try Shell(), try Run())
        run.handle(.exec(shell.facts))
        run.paused {
            run.handle(shell.attempt(1))
            run.handle(.exec(shell.facts.with(execID: 4)))
        }
        run.take()
        #expect(run.programs.map(\.argumentBytes.count) == [4096])
    }

    @Test func noEventWaitsLongerThanForItsOutcome() throws {
        let (shell, run) = (try Shell(), try Run())
        run.handle(.exec(shell.facts))
        try run.paused {
            run.handle(shell.attempt(1))
            let next = run.pipeline.nextDeadline()
            let deadline = try #require(next)
            run.pipeline.expire(now: deadline, counters: { _, _ in nil }, emit: run.emit)
            #expect(run.programs.map(\.argumentBytes.count) == [4096] && run.pipeline.heldCount == 0)
        }
    }
}
