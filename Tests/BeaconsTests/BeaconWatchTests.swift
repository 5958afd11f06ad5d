import Model
import Testing

@testable import Beacons

/// Calls that are scored as they come.
@Suite struct BeaconWatchTests {
    private static let second: UInt64 = 1_000_000_000

    private func watch(keys: Int = 100_000, bytes: Int = 64 << 20) -> BeaconWatch {
        var limits = CallStore.Limits()
        (limits.keys, limits.bytes) = (keys, bytes)
        return BeaconWatch(allowed: AllowList([]), clockOffset: 1_700_000_000_000_000_000, limits: limits)
    }

    /// An attempt by a process of its own, as of a loop that starts a program each time.
    private func attempt(
        at seconds: Double, pid: UInt32 = 100, path: String = "/usr/bin/curl", script: String? = "/tmp/loop.sh",
        to address: UInt32 = 0xcb00_7109, outcome: Outcome = .failed(errno: 101)
    ) -> AttemptEvent {
        let loop = script.map {
            ProcessFacts(
                identity: ProcessIdentity(pid: 50, startBootNanoseconds: 1),
                program: Program(
                    name: ThreadName("sh".utf8), path: Array("/bin/dash".utf8), script: Array($0.utf8)),
                source: .kernel)
        }
        let facts = ProcessFacts(
            identity: ProcessIdentity(pid: pid, startBootNanoseconds: UInt64(pid)), parent: loop,
            program: Program(name: ThreadName("x".utf8), path: Array(path.utf8)), source: .kernel)
        let time = UInt64(seconds * 1e9)
        return AttemptEvent(
            attempt: Attempt(
                id: 1, reference: RecordReference(cpu: 0, hook: 0, sequence: 0), phase: .whole,
                startedBootNanoseconds: time, observedBootNanoseconds: time, process: facts.identity, threadID: pid,
                threadName: ThreadName("x".utf8), userID: 0, transport: .tcp,
                destination: Endpoint(address: .v4(address), port: 443), outcome: outcome),
            attribution: Attribution(process: facts))
    }

    @Test func whoseNamesAUserMayHaveChosenIsKnown() {
        func traits(_ path: String, isAtPath: Bool) -> CallerTraits {
            var event = attempt(at: 1)
            event.attribution.group = ControlGroup(id: 1, parsing: Array(path.utf8))
            event.attribution.file = FileVerdict(sha256: [1], isAtPath: isAtPath)
            return CallerTraits(event)
        }
        let system = traits("/system.slice/ntp.service", isAtPath: true)
        #expect(system.unit == "ntp.service" && system.isUnitOfSystem && !system.isPathElsewhere)
        let users = traits("/user.slice/user-1.slice/user@1.service/app.slice/ntp.service", isAtPath: false)
        #expect(users.unit == "ntp.service" && !users.isUnitOfSystem && users.isPathElsewhere)
    }

    private func looked(_ watch: inout BeaconWatch) -> [BeaconEvent] {
        var events: [BeaconEvent] = []
        while watch.hasDue {
            if let event = watch.lookAtNext(now: 1) { events.append(event) }
        }
        return events
    }

    @Test func aLoopThatStartsCurlEachTimeIsToldOfOnceByTheNameOfItsScript() throws {
        var watch = watch()
        var events: [(beat: Int, event: BeaconEvent)] = []
        for beat in 1...11 {
            watch.take(attempt(at: 100 + 2.01 * Double(beat), pid: UInt32(100 + beat)))
            events += looked(&watch).map { (beat, $0) }
        }
        let first = try #require(events.first)
        #expect(first.beat <= 10)
        #expect((first.event.beacon.callerKind, first.event.beacon.caller) == ("script", "/tmp/loop.sh"))
        #expect(first.event.beacon.tellings == 1)
        #expect(abs(first.event.beacon.periodSeconds - 2.01) < 0.01)
        #expect(first.event.beacon.sentence.contains("all offline"))
        #expect(first.event.firstBootNanoseconds == 102_010_000_000)
        // Again only when it looks worse.
        #expect(zip(events.dropFirst(), events).allSatisfy { $0.event.beacon.severity > $1.event.beacon.severity })
    }

    @Test func aBeaconThatGoesOnIsToldOfAgainWhenItsCallsHaveDoubled() {
        var watch = watch()
        var tellings: [UInt64] = []
        for beat in 0..<400 {
            watch.take(attempt(at: 100 + 60 * Double(beat)))
            tellings += looked(&watch).map(\.beacon.tellings)
        }
        #expect(tellings == Array(1...UInt64(tellings.count)))
        // Once, at each doubling, and where the severity rises.
        #expect((5...9).contains(tellings.count))
        #expect(watch.use.findings == 1)
    }

    @Test func nothingIsToldOfCallsByChance() {
        var watch = watch()
        var numbers = SeededNumbers(seed: 7)
        var time = 100.0
        var events: [BeaconEvent] = []
        for _ in 0..<2000 {
            time += numbers.exponential(20)
            watch.take(attempt(at: time))
            events += looked(&watch)
        }
        #expect(events.isEmpty)
        #expect(watch.use.calls == 2000)
    }

    @Test func addressesThatTakeTurnsWithOneRhythmAreToldOfOnce() {
        var watch = watch()
        var events: [BeaconEvent] = []
        for beat in 0..<16 {
            for place in 0..<3 {
                watch.take(
                    attempt(at: 100 + 60 * Double(beat) + Double(place) * 7, to: 0xcb00_7109 + UInt32(place)))
            }
            events += looked(&watch)
        }
        #expect(Set(events.map(\.beacon.id)).count == 1)
        #expect(watch.use.findings == 1)
        #expect(events.last?.beacon.alike.count == 2)
    }

    @Test func aBeaconThatMovesToAnotherDestinationIsToldOf() throws {
        var watch = watch()
        var events: [(beat: Int, event: BeaconEvent)] = []
        for beat in 1...60 {
            watch.take(attempt(at: 100 + 60 * Double(beat), to: beat <= 20 ? 0xcb00_7109 : 0xc633_6407))
            events += looked(&watch).map { (beat, $0) }
        }
        let moved = try #require(events.first { $0.event.beacon.destination == "198.51.100.7:443" })
        #expect(moved.beat <= 30)
        #expect(watch.use.findings == 2)
        #expect(events.allSatisfy { ($0.beat > 20) == ($0.event.beacon.destination == "198.51.100.7:443") })
    }

    @Test func aDestinationThatJoinsALongKnownRhythmIsNamedWithTheNextCall() throws {
        var watch = watch()
        var events: [(beat: Int, event: BeaconEvent)] = []
        for beat in 1...340 {
            watch.take(attempt(at: 100 + 60 * Double(beat)))
            if beat > 300 { watch.take(attempt(at: 107 + 60 * Double(beat), to: 0xc633_6407)) }
            events += looked(&watch).map { (beat, $0) }
        }
        let named = try #require(events.first { !$0.event.beacon.alike.isEmpty })
        #expect(named.event.beacon.alike == ["198.51.100.7:443"] && (306...312).contains(named.beat))
        #expect(Set(events.map(\.event.beacon.id)).count == 1)
        #expect(events.count { $0.beat > 300 } == 1)
    }

    @Test(arguments: [20, 400])
    func callsWithoutARhythmDoNotSpeakForABeaconThatHasMoved(beats: Int) {
        var watch = watch()
        var numbers = SeededNumbers(seed: 3)
        var events: [BeaconEvent] = []
        for beat in 1...beats {
            watch.take(attempt(at: 100 + 60 * Double(beat)))
            events += looked(&watch)
        }
        var next = 150 + 60 * Double(beats)
        for beat in beats + 1...beats + 60 {
            // Where it was before it goes on calling, at any time.
            while next < 100 + 60 * Double(beat) {
                watch.take(attempt(at: next))
                next += numbers.exponential(10)
                events += looked(&watch)
            }
            watch.take(attempt(at: 100 + 60 * Double(beat), to: 0xc633_6407))
            events += looked(&watch)
        }
        #expect(
            events.contains {
                $0.beacon.destination == "198.51.100.7:443" || $0.beacon.alike.contains("198.51.100.7:443")
            })
    }

    @Test func aServiceOfManyAddressesIsToldOfSeldom() {
        var watch = watch()
        var events: [BeaconEvent] = []
        for beat in 0..<64 {
            for place in 0..<40 {
                watch.take(attempt(at: 100 + 60 * Double(beat) + Double(place), to: 0xcb00_7109 + UInt32(place)))
                events += looked(&watch)
            }
        }
        #expect(Set(events.map(\.beacon.id)).count == 1)
        #expect(events.count <= 8)
        #expect(events.last?.beacon.alike.count == 16)
    }

    @Test func whatLooksWorseIsNoneOfAHarmlessOnesOthers() {
        var watch = watch()
        var events: [BeaconEvent] = []
        for beat in 0..<80 {
            // On this machine itself, and from the middle on elsewhere as well.
            watch.take(attempt(at: 100 + 60 * Double(beat), path: "/tmp/implant", script: nil, to: 0x7f00_0001))
            if beat > 40 {
                watch.take(attempt(at: 107 + 60 * Double(beat), path: "/tmp/implant", script: nil, to: 0xc633_6407))
            }
            events += looked(&watch)
        }
        #expect(events.contains { $0.beacon.destination == "127.0.0.1:443" })
        #expect(events.contains { $0.beacon.destination == "198.51.100.7:443" })
    }

    @Test func whatIsPendingIsTakenWhenItIsResolved() {
        var watch = watch()
        for beat in 0..<6 { watch.take(attempt(at: Double(beat), outcome: .pending)) }
        #expect(watch.use.calls == 0)
        watch.take(attempt(at: 1, outcome: .failed(errno: 111)))
        #expect(watch.use.calls == 1)
    }

    @Test func aDatagramThatIsRefusedLaterIsOneCall() {
        var watch = watch()
        for beat in 0..<12 {
            var datagram = attempt(at: 100 + 60 * Double(beat), outcome: .sent)
            datagram.attempt.transport = .udp
            datagram.attempt.bytes = 40
            watch.take(datagram)
            datagram.attempt.outcome = .failed(errno: 111)
            watch.take(datagram, isResolution: true)
        }
        #expect(watch.use.calls == 12)
        let event = looked(&watch).last
        #expect((event?.beacon.calls, event?.beacon.beats) == (12, 12))
        #expect(event?.beacon.sentence.contains("all refused") == true, "\(event?.beacon.sentence ?? "nothing")")
    }

    @Test func howADatagramEndedIsACallWhereThatItWasSentIsNotTold() {
        var watch = watch()
        for beat in 0..<12 {
            var datagram = attempt(at: 100 + 60 * Double(beat), outcome: .failed(errno: 111))
            datagram.attempt.transport = .udp
            watch.take(datagram, isResolution: true)
        }
        #expect(watch.use.calls == 12)
    }

    @Test func sendsOnAHeldConnectionAreABeaconWithAReason() throws {
        var watch = watch()
        let connection = attempt(at: 50, path: "/tmp/implant", script: nil, outcome: .established)
        watch.take(connection)
        var events: [BeaconEvent] = []
        for beat in 1...60 {
            watch.take(
                sendOn: connection, at: 50 * Self.second + UInt64(beat) * 5 * Self.second, bytes: 40, bytesReceived: 10)
            events += looked(&watch)
        }
        let event = try #require(events.first)
        #expect(abs(event.beacon.periodSeconds - 5) < 0.05)
        #expect(event.beacon.modifiers.contains { $0.name == "keep_alive" })
        #expect(event.beacon.sentence.contains("spoke to"))
    }

    @Test func aStreamIsToldApartByWhatComes() {
        var watch = watch()
        let connection = attempt(at: 50, path: "/usr/bin/player", script: nil, outcome: .established)
        var events: [BeaconEvent] = []
        for beat in 1...60 {
            watch.take(
                sendOn: connection, at: 50 * Self.second + UInt64(beat) * 5 * Self.second, bytes: 400,
                bytesReceived: 2_000_000)
            events += looked(&watch)
        }
        #expect(events.isEmpty)
    }

    @Test func datagramsThatWereOnlyCountedAreABeaconThatIsToldOfAgainWhenTheyHaveDoubled() throws {
        var watch = watch()
        var first = attempt(at: 50, path: "/tmp/implant", script: nil, outcome: .sent)
        first.attempt.transport = .udp
        watch.take(first)
        var events: [BeaconEvent] = []
        // As often as a flow that goes on is looked at.
        for sends: UInt64 in stride(from: 12, through: 120, by: 12) {
            let end = (50 + 5 * (sends - 1)) * Self.second
            watch.take(
                DisconnectEvent(
                    attempt: first.attempt, attribution: first.attribution, endedBootNanoseconds: end,
                    traffic: .flow(
                        FlowCounters(
                            attemptID: 1, firstBootNanoseconds: 50 * Self.second, lastBootNanoseconds: end,
                            datagrams: sends, bytes: sends * 40, failures: 0, gapMinimumNanoseconds: 4_990_000_000,
                            gapMaximumNanoseconds: 5_010_000_000, gapSquareSum: (sends - 1) * 25_000_030_000_000))))
            events += looked(&watch)
        }
        let event = try #require(events.first)
        #expect((event.beacon.beats, event.beacon.calls) == (12, 12))
        #expect(abs(event.beacon.periodSeconds - 5) < 0.01)
        #expect(event.beacon.destination == "203.0.113.9:443/udp")
        #expect(event.beacon.modifiers.contains { $0.name == "keep_alive" })
        #expect((2...5).contains(events.count))
        #expect((watch.use.calls, watch.use.findings) == (1, 1))
    }

    @Test func aBeaconThatGoesOnWhileNobodyIsThereSaysSo() {
        func modifiers(_ presence: UserPresence?) -> [Modifier] {
            var watch = watch()
            for beat in 1...12 { watch.take(attempt(at: 100 + 60 * Double(beat))) }
            var modifiers: [Modifier] = []
            while watch.hasDue {
                let event = watch.lookAtNext(now: 1, presence: { presence })
                modifiers += event?.beacon.modifiers.map { Modifier($0.name, $0.change, $0.reason) } ?? []
            }
            return modifiers.filter { $0.name.hasPrefix("user_") }
        }
        func typed(at seconds: Int64) -> UserPresence {
            .lastInput(nanoseconds: 1_700_000_000_000_000_000 + seconds * 1_000_000_000)
        }
        // The calls are at 160 to 820.
        #expect(modifiers(typed(at: 100)).map(\.change) == [0.05])
        #expect(modifiers(typed(at: 100)).first?.reason.contains("12 min") == true)
        #expect(modifiers(typed(at: 250)).isEmpty)
        #expect(modifiers(typed(at: 900)).isEmpty)
        #expect(modifiers(nil).isEmpty)
        #expect(modifiers(.never).map(\.change) == [0])
        let unknown = modifiers(.unknown("a screen"))
        #expect(unknown.map(\.name) == ["user_unknown"] && unknown.first?.change == 0)
        #expect(unknown.first?.reason.contains("a screen") == true)
    }

    @Test func aFloodOfNewDestinationsLeavesMemoryBoundedAndTheBeaconFound() {
        var watch = watch(keys: 2000, bytes: 2 << 20)
        var events: [BeaconEvent] = []
        for beat in 0..<20 {
            watch.take(attempt(at: 100 + 30 * Double(beat)))
            for place in 0..<1500 {
                watch.take(
                    attempt(
                        at: 101 + 30 * Double(beat) + Double(place) / 100, path: "/usr/bin/scanner", script: nil,
                        to: 0x0808_0000 + UInt32(beat * 1500 + place)))
            }
            events += looked(&watch)
            #expect(watch.use.keys <= 2000)
            #expect(watch.use.heldBytes <= 2 << 20)
        }
        #expect(watch.use.forgottenKeys > 20_000)
        #expect(events.contains { $0.beacon.caller == "/tmp/loop.sh" })
    }

    @Test func whatWaitsIsBounded() {
        var watch = watch()
        for place in 0..<UInt32(BeaconWatch.mostDue + 500) {
            for beat in 0..<6 {
                watch.take(attempt(at: 100 + Double(place) * 10 + Double(beat), script: nil, to: 0x0900_0000 + place))
            }
        }
        #expect(watch.use.waiting == UInt64(BeaconWatch.mostDue))
    }
}
