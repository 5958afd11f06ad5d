import Model
import Testing

@testable import Beacons

/// What is kept of calls, and what is forgotten.
@Suite struct CallStoreTests {
    private func call(
        _ seconds: Double, caller: String = "/usr/bin/thing", to domain: String = "a.example",
        ending: Call.Ending = .answered
    ) -> Call {
        Call(
            caller: Caller(.program, caller), destination: Destination(.domain(domain), port: 443, transport: .tcp),
            nanoseconds: 1_700_000_000_000_000_000 + Int64(seconds * 1e9), ending: ending)
    }

    @Test func timesThatComeOutOfOrderArePutInOrder() {
        var times = CallTimes()
        for milliseconds: Int64 in [5000, 1000, 3000, 2000, 9000] { _ = times.insert(milliseconds: milliseconds) }
        #expect(times.seconds == [0, 1, 2, 4, 8])
        #expect(times.oldest == 1000)
    }

    @Test func aFullRingForgetsTheOldestAndStaysInOrder() {
        var times = CallTimes()
        for index in 0..<CallTimes.limit { _ = times.insert(milliseconds: Int64(index) * 1000) }
        let isNewestTaken = times.insert(milliseconds: 200_000)
        // Older than the last, newer than the others.
        let isLaterTaken = times.insert(milliseconds: 150_000)
        // Older than all.
        let isOlderTaken = times.insert(milliseconds: 1000)
        #expect([isNewestTaken, isLaterTaken, isOlderTaken] == [true, true, false])
        #expect(times.count == CallTimes.limit)
        #expect(times.oldest == 2000)
        #expect(times.seconds == times.seconds.sorted())
        #expect(Array(times.seconds.suffix(3)) == [75, 148, 198])
    }

    @Test func aTimeSevenWeeksLaterMovesTheBase() {
        var times = CallTimes()
        for index in 0..<4 { _ = times.insert(milliseconds: Int64(index) * 1000) }
        let isTaken = times.insert(milliseconds: 5_000_000_000)
        #expect(isTaken)
        #expect(times.oldest == 5_000_000_000)
    }

    @Test(arguments: [1, 30, 100])
    func callsOfAClockThatWasWrongDoNotHideWhatFollows(odd: Int) throws {
        var store = CallStore()
        let days = 100.0 * 86_400
        for index in 0..<odd { store.add(call(days + 37 * Double(index * index))) }
        for beat in 0..<200 { store.add(call(60 * Double(beat))) }
        let finding = try #require(store.findings(allowed: AllowList([])).first)
        #expect(finding.isBeacon && abs(finding.analysis.rhythm.periodSeconds - 60) < 0.1)
        #expect(finding.lastMilliseconds == 1_700_000_000_000 + 199 * 60_000)
        #expect(store.lateCalls == min(odd, CallTimes.limit))
    }

    @Test func fewOldCallsDoNotReplaceManyNewOnes() {
        var times = CallTimes()
        for index in 0..<20 { _ = times.insert(milliseconds: 10_000_000_000 + Int64(index) * 60_000) }
        for index in 0..<19 {
            #expect(!times.isOutnumbered(with: Int64(index)))
            let isTaken = times.insert(milliseconds: Int64(index))
            #expect(!isTaken)
        }
        let isNewerTaken = times.insert(milliseconds: 10_002_000_000)
        #expect(isNewerTaken && times.count == 21 && !times.isOutnumbered(with: 0))
    }

    @Test func theResolutionIsWhatAllTimesAreAMultipleOf() {
        var whole = CallTimes()
        for index in 0..<8 { _ = whole.insert(milliseconds: Int64(index) * 7000) }
        #expect(whole.step == 1000)
        _ = whole.insert(milliseconds: 60_120)
        #expect(whole.step == 10)
    }

    @Test func theCommonestOfManyValuesIsFound() {
        var values = CommonValues()
        for index: UInt32 in 0..<300 { values.add(index % 3 == 0 ? 40 : index) }
        #expect(values.commonest?.value == 40)
        #expect((0.33...0.5).contains(values.commonest?.share ?? 0))
    }

    @Test func rollUpsBeginWithTheSecondMember() {
        var store = CallStore()
        store.add(call(0))
        #expect(store.keyCount == 1)
        store.add(call(1, to: "b.example"))
        // Two pairs, a caller anywhere.
        #expect(store.keyCount == 3)
        store.add(call(2, caller: "/tmp/other", to: "b.example"))
        // Another pair, a destination from anyone.
        #expect(store.keyCount == 5)
    }

    @Test func aCronJobWhoseProgramHasANewNameEachTimeIsFoundByItsDestination() {
        var store = CallStore()
        for index in 0..<20 { store.add(call(Double(index) * 300, caller: "/tmp/run\(index)")) }
        let finding = store.findings(allowed: AllowList([])).first
        #expect(finding?.scope == .manyCallers)
        #expect(finding?.isBeacon == true)
        #expect(abs((finding?.analysis.rhythm.periodSeconds ?? 0) - 300) < 1)
    }

    @Test func aProgramWhoseDestinationIsNewEachTimeIsFoundByItself() {
        var store = CallStore()
        for index in 0..<20 { store.add(call(Double(index) * 120, to: "x\(index).example")) }
        let finding = store.findings(allowed: AllowList([])).first
        #expect(finding?.scope == .manyDestinations)
        #expect(finding?.isBeacon == true)
    }

    @Test func destinationsWithOnePeriodAreOneFinding() {
        var store = CallStore()
        for index in 0..<30 {
            for (number, domain) in ["a.example", "b.example", "c.example"].enumerated() {
                store.add(call(Double(index) * 600 + Double(number) * 47, to: domain))
            }
        }
        let findings = store.findings(allowed: AllowList([])).filter(\.isBeacon)
        #expect(findings.count == 1)
        #expect(findings.first?.alike.count == 2)
    }

    @Test func aSlowBeaconStaysWhenManyOthersComeAndGo() {
        var limits = CallStore.Limits()
        limits.keys = 500
        var store = CallStore(limits: limits)
        for beat in 0..<12 {
            store.add(call(Double(beat) * 3600))
            for index in 0..<400 {
                store.add(
                    call(
                        Double(beat) * 3600 + 1 + Double(index), caller: "/usr/bin/p\(beat)-\(index)",
                        to: "h\(beat)-\(index).example"))
            }
        }
        #expect(store.keyCount <= 500)
        #expect(store.forgottenKeys > 4000)
        #expect(store.forgottenCalls >= store.forgottenKeys)
        let findings = store.findings(allowed: AllowList([]))
        #expect(findings.first?.destination.domain == "a.example")
        #expect(findings.first?.isBeacon == true)
    }

    @Test func roomForOneKeyIsEnoughToGoOn() {
        var limits = CallStore.Limits()
        limits.keys = 1
        var store = CallStore(limits: limits)
        for index in 0..<200 {
            store.add(call(Double(index), caller: "/usr/bin/p\(index % 7)", to: "h\(index % 5).example"))
        }
        #expect(store.keyCount == 1)
        #expect(store.calls == 200)
    }

    @Test func whatIsKnownOfCallersIsCountedAndBounded() {
        func traits(_ index: Int, script: Int = 4000) -> CallerTraits {
            var traits = CallerTraits()
            traits.script = "/" + String(repeating: "x", count: script) + "\(index)"
            return traits
        }
        var limits = CallStore.Limits()
        limits.bytes = 8 << 20
        var store = CallStore(limits: limits)
        for index in 0..<100 { store.add(call(Double(index), caller: "/tmp/\(index)"), traits: traits(index)) }
        #expect((400_000..<600_000).contains(store.heldBytes))
        // The same again are no more.
        let before = store.heldBytes
        for index in 0..<100 { store.add(call(Double(index), caller: "/tmp/\(index)"), traits: traits(index)) }
        #expect(store.heldBytes - before < 10_000)
        for index in 100..<4000 {
            store.add(call(Double(index), caller: "/tmp/\(index)"), traits: traits(index))
            #expect(store.heldBytes <= limits.bytes + 10_000)
        }
        #expect(store.forgottenKeys > 1500 && store.keyCount > 1000)
    }

    @Test func whatBecomesKnownOfCallersLaterIsBoundedAsWell() {
        var limits = CallStore.Limits()
        limits.bytes = 8 << 20
        var store = CallStore(limits: limits)
        for round in 0..<2 {
            for index in 0..<4000 {
                var traits = CallerTraits()
                traits.script = round == 0 ? "/x" : "/" + String(repeating: "x", count: 4000) + "\(index)"
                store.add(call(Double(round * 4000 + index), caller: "/tmp/\(index)"), traits: traits)
                #expect(store.heldBytes <= limits.bytes + 10_000)
            }
        }
        #expect(store.keyCount > 1000)
    }

    @Test func aFullKeyTakesLessThanSevenHundredBytes() {
        var store = CallStore()
        for index in 0..<2000 {
            let caller = Caller(.program, "/opt/a/program/of/some/length/\(index % 20)")
            let destination = Destination(.address(.v4(UInt32(index))), port: 443, transport: .tcp)
            for beat in 0..<CallTimes.limit {
                store.add(
                    Call(
                        caller: caller, destination: destination,
                        nanoseconds: Int64(beat) * 1_000_000_000 * Int64(1 + (beat * 7 + index) % 5)))
            }
        }
        // With those of the callers wherever they call.
        #expect(store.keyCount == 2020)
        #expect(store.heldBytes < 2020 * 700)
    }
}
