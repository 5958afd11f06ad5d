internal import Attribution
internal import Model
internal import Testing

@testable internal import TraceSession

/// Sockets that were there, from what was found of them to the event.
@Suite struct InventoryTests {
    private static let facts = ProcessFacts(
        identity: ProcessIdentity(pid: 70, startBootNanoseconds: 10_000_000),
        program: Program(name: ThreadName("curl".utf8), path: Array("/usr/bin/curl".utf8)),
        surroundings: Surroundings(credentials: Credentials(userID: 1000, effectiveUserID: 1001)), source: .procfs)

    /// Processes 70 and 80 are there; 80 is of another user.
    private func pipeline() -> Pipeline {
        let other = ProcessFacts(
            identity: ProcessIdentity(pid: 80, startBootNanoseconds: 20_000_000),
            program: Program(name: ThreadName("nginx".utf8), path: []),
            surroundings: Surroundings(credentials: Credentials(userID: 33)), source: .procfs)
        var pipeline = Pipeline(
            options: TraceOptions(), flowIdleNanoseconds: 1,
            sources: .init(
                process: { $0 == 70 ? Self.facts : $0 == 80 ? other : nil },
                controlGroup: { $0 == 9 ? Array("/system.slice/a.service".utf8) : nil }))
        pipeline.newSockets = NewSockets()
        return pipeline
    }

    private func found(
        owners: [UInt32] = [70, 80], ownerCount: Int = 3, state: SocketState = .established
    ) throws -> SocketInventory.Found {
        let text = "0: 0200007F:C3A2 090071CB:01BB 0\(String(state.rawValue, radix: 16)) 0:0 0:0 0 0 0 48211 1"
        return SocketInventory.Found(
            entry: try #require(SocketEntry(line: Array(text.utf8)[...])), state: state, transport: .tcp,
            direction: .egress, namespace: 5, owners: owners, ownerCount: ownerCount)
    }

    private func events(
        _ pipeline: consuming Pipeline, _ found: SocketInventory.Found, _ change: (inout TraceFilter) -> Void = { _ in }
    ) -> [ExistingEvent] {
        var filter = TraceFilter()
        change(&filter)
        var events: [ExistingEvent] = []
        pipeline.handle(found, controlGroups: [70: 9], filter: filter, now: 77) {
            if case .existing(let event) = $0 { events.append(event) }
        }
        return events
    }

    @Test func theLowestOwnerIsTheProcessWithAllThatIsKnownOfIt() throws {
        let event = try #require(events(pipeline(), try found()).first)
        #expect(event.attribution?.process.identity == Self.facts.identity)
        #expect(event.attribution?.process.source == .procfs)
        #expect(event.attribution?.group?.unit == "a.service")
        #expect(event.otherOwners == 2)
        #expect(event.inode == 48211)
        #expect(event.attempt.destination == Endpoint(address: .v4(0xcb71_0009), port: 443))
        #expect(event.attempt.source == Endpoint(address: .v4(0x7f00_0002), port: 50082))
        #expect(event.attempt.userID == 1000 && event.attempt.effectiveUserID == 1001)
        #expect(event.attempt.networkNamespace == 5 && event.attempt.observedBootNanoseconds == 77)
    }

    @Test func anOwnerThatIsGoneIsPassedOverAndWithoutAnyThereIsNoProcess() throws {
        #expect(events(pipeline(), try found(owners: [1, 80])).first?.attribution?.process.identity.pid == 80)
        let event = try #require(events(pipeline(), try found(owners: [], ownerCount: 0)).first)
        #expect(event.attribution == nil && event.otherOwners == 0)
    }

    @Test func filtersLetPassWhatTheySay() throws {
        let socket = try found()
        #expect(events(pipeline(), socket) { $0.ports = [443] }.count == 1)
        // The local port is not where to.
        #expect(events(pipeline(), socket) { $0.ports = [50082] }.isEmpty)
        #expect(events(pipeline(), socket) { $0.transports = [.udp] }.isEmpty)
        // Who else holds it may be the one that is wanted.
        #expect(events(pipeline(), socket) { $0.pids = [80] }.map(\.attribution?.process.identity.pid) == [80])
        #expect(events(pipeline(), socket) { $0.userIDs = [33] }.map(\.attribution?.process.identity.pid) == [80])
        #expect(events(pipeline(), socket) { $0.names = ["curl"] }.count == 1)
        #expect(events(pipeline(), socket) { $0.pids = [90] }.isEmpty)
        #expect(events(pipeline(), try found(owners: [])) { $0.pids = [70] }.isEmpty)
    }

    private func attempt(_ change: (inout Attempt) -> Void) -> Attempt {
        var attempt = Attempt(
            id: 1, reference: RecordReference(cpu: 0, hook: 1, sequence: 1), phase: .whole, startedBootNanoseconds: 1,
            observedBootNanoseconds: 2, process: ProcessIdentity(pid: 80, startBootNanoseconds: 20_000_000),
            threadID: 80, threadName: ThreadName([]), userID: 0, networkNamespace: 5, transport: .tcp,
            destination: Endpoint(address: .v4(0xcb71_0009), port: 443),
            source: Endpoint(address: .v4(0x7f00_0002), port: 50082), outcome: .established)
        change(&attempt)
        return attempt
    }

    @Test func oneOfWhichAnAttemptTellsIsNotToldOfTwice() throws {
        let socket = try found()
        let isTold = { (change: (inout Attempt) -> Void) in
            var pipeline = pipeline()
            pipeline.handle(.attempt(attempt(change)), now: 3, counters: { _, _ in nil }) { _ in }
            return !events(pipeline, socket).isEmpty
        }
        #expect(!isTold { _ in })
        // Its port was not known yet: then by who made it.
        #expect(!isTold { $0.source = nil })
        #expect(
            isTold {
                $0.source = nil
                $0.process.pid = 90
            })
        #expect(isTold { $0.source?.port = 50083 })
        #expect(isTold { $0.destination.port = 80 })
        #expect(isTold { $0.networkNamespace = 6 })
        #expect(isTold { $0.transport = .udp })
    }
}
