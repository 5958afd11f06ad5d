import Model
import Testing

@testable import Beacons

/// What a finding's score is made of, and how it is told.
@Suite struct ScoreTests {
    /// A fixed sleep of a minute to an address, with two beats missing.
    private func store(
        to address: IPAddress = .v4(0xcb00_7109), port: UInt16 = 443, transport: Transport = .tcp,
        ending: Call.Ending = .refused, traits: CallerTraits? = nil, isInbound: Bool = false, isHeld: Bool = false,
        seconds: Double? = nil, caller: Caller = Caller(.program, "/tmp/curl")
    ) -> CallStore {
        var store = CallStore()
        for beat in 0..<45 where beat != 11 && beat != 30 {
            let jitter = Double(beat * beat * 31 % 17 - 8) / 2
            store.add(
                Call(
                    caller: caller, destination: Destination(.address(address), port: port, transport: transport),
                    nanoseconds: Int64((60 * Double(beat + 1) + jitter) * 1e9), ending: ending, bytesSent: 40,
                    seconds: seconds, isInbound: isInbound, isOnHeldConnection: isHeld), traits: traits)
        }
        return store
    }

    private func modifiers(_ store: CallStore, allowed: AllowList = AllowList([])) -> [String: Double] {
        let finding = store.findings(allowed: allowed).first
        return Dictionary(uniqueKeysWithValues: (finding?.modifiers ?? []).map { ($0.name, $0.change) })
    }

    @Test func theSentenceSaysWhoTriedWhatHowOftenAndHowItEnded() {
        var traits = CallerTraits()
        traits.executable = "/tmp/curl"
        traits.isPackaged = false
        let finding = store(traits: traits).findings(allowed: AllowList([])).first
        #expect(
            finding?.sentence
                == "curl (unpackaged, /tmp) tried 203.0.113.9:443 every 60.1 s ± 3.4 s, 43 beats in 44 min, 2 missed, all refused, always 40 bytes"
        )
    }

    @Test func everyPartIsBetweenNoughtAndOne() {
        let finding = store().findings(allowed: AllowList([])).first
        let parts = finding?.score.parts ?? []
        #expect(
            parts.map(\.name) == ["beats", "persistence", "regularity", "wholeness", "constant_size", "failures"])
        #expect(parts.allSatisfy { (0...1).contains($0.value ?? 0) })
        #expect(abs(parts.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
        #expect(parts.last?.value == 1)
        #expect(finding?.isBeacon == true)
    }

    @Test func failuresAndConstantSizesRaiseTheScore() {
        func value(_ ending: Call.Ending) -> Double {
            store(ending: ending).findings(allowed: AllowList([])).first?.score.value ?? 0
        }
        #expect(value(.refused) > value(.answered))
    }

    @Test func anUnchangedPackageLowersAndAChangedOneRaises() {
        var traits = CallerTraits()
        traits.executable = "/usr/bin/updater"
        traits.package = "updater"
        traits.isPackaged = true
        traits.isUnchanged = true
        #expect(modifiers(store(traits: traits)) == ["packaged": -0.15])
        traits.isUnchanged = false
        #expect(modifiers(store(traits: traits)) == ["changed": 0.2])
    }

    @Test func aShellOrAClientForAnyServerIsNotLoweredByItsPackage() {
        var traits = CallerTraits()
        traits.executable = "/usr/bin/python3.11"
        traits.package = "python3.11-minimal"
        traits.isPackaged = true
        traits.isUnchanged = true
        #expect(modifiers(store(traits: traits)) == [:])
    }

    @Test func flagsOfTheProcessRaise() {
        var traits = CallerTraits()
        traits.flags = [.temporaryFolder, .deleted, .unpackaged]
        #expect(modifiers(store(traits: traits)) == ["flags": 0.2])
    }

    @Test func whatIsPeriodicByNatureIsLowered() {
        #expect(modifiers(store(port: 123, transport: .udp)) == ["time_service": -0.3])
        #expect(
            modifiers(store(to: .v4(0x0a00_0001), port: 53, transport: .udp))
                == ["private_address": -0.1, "name_service": -0.15])
        #expect(
            modifiers(store(to: .v6(high: 0xff02 << 48, low: 2), port: 133, transport: .other(58)))
                == ["local_link": -0.4, "neighbours": -0.4])
        #expect(modifiers(store(ending: .answered, isHeld: true)) == ["keep_alive": -0.3])
        #expect(modifiers(store(ending: .answered, seconds: 58)) == ["reopened": -0.3])
    }

    @Test func whatComesFromOutsideAndFindsNothingIsAProbe() {
        #expect(modifiers(store(isInbound: true)) == ["probe": -0.5])
        #expect(modifiers(store(ending: .answered, isInbound: true)) == ["inbound": -0.1])
    }

    @Test func theAllowListLowersAndNeverHides() {
        var traits = CallerTraits()
        traits.executable = "/opt/agent/bin/agent"
        traits.sha256 = "AB12"
        traits.package = "agent"
        traits.isUnchanged = true
        traits.unit = "agent.service"
        traits.isUnitOfSystem = true
        let subjects: [AllowList.Subject] = [
            .executable("/opt/agent/*"), .hash("ab12"), .package("agent"), .unit("agent.service"),
        ]
        for subject in subjects {
            let findings = store(traits: traits).findings(allowed: AllowList([.init(subject, reason: "ours")]))
            #expect(findings.count == 1)
            #expect(findings.first?.isBeacon == false)
            #expect(findings.first?.modifiers.last == Modifier("allowed", -0.6, "ours"))
        }
        let other = AllowList([.init(.executable("/opt/agent"), reason: "ours")])
        #expect(modifiers(store(traits: traits), allowed: other) == ["packaged": -0.15])
    }

    @Test func theAllowListTakesNobodysWordForAUnitOrAPath() {
        var traits = CallerTraits()
        traits.executable = "/opt/agent/bin/agent"
        traits.unit = "agent.service"
        func isAllowed(_ subject: AllowList.Subject) -> Bool {
            modifiers(store(traits: traits), allowed: AllowList([.init(subject, reason: "ours")]))["allowed"] != nil
        }
        #expect(!isAllowed(.unit("agent.service")) && isAllowed(.executable("/opt/agent/*")))
        traits.isPathElsewhere = true
        #expect(!isAllowed(.executable("/opt/agent/*")))
        // Known to be of a package by its path only.
        traits.package = "agent"
        #expect(!isAllowed(.package("agent")))
    }

    @Test func domainsAndBlocksAreAllowed() throws {
        let block = try #require(AddressPrefix(address: .v4(0xcb00_7100), length: 24))
        #expect(modifiers(store(), allowed: AllowList([.init(.block(block), reason: "ours")])) == ["allowed": -0.6])
        var named = CallStore()
        for beat in 0..<30 {
            named.add(
                Call(
                    caller: Caller(.host, "10.0.0.1"),
                    destination: Destination(.domain("2.debian.pool.ntp.org"), port: 4460, transport: .tcp),
                    nanoseconds: Int64(beat) * 64_000_000_000))
        }
        #expect(modifiers(named, allowed: .standard) == ["allowed": -0.6])
        #expect(modifiers(named, allowed: AllowList([.init(.domain("pool.ntp.org"), reason: "ours")])) == [:])
    }

    @Test func whatMostHostsCallIsPrevalent() {
        var store = CallStore()
        for host in 0..<6 {
            for beat in 0..<20 {
                store.add(
                    Call(
                        caller: Caller(.host, "10.0.0.\(host)"),
                        destination: Destination(.domain("updates.example"), port: 443, transport: .tcp),
                        nanoseconds: Int64(beat * 600 + host * 13) * 1_000_000_000))
            }
        }
        #expect(modifiers(store)["prevalent"] == -0.15)
    }

    @Test func aBurstIsOneBeat() {
        var store = CallStore()
        for beat in 0..<20 {
            for (index, delay) in [0, 80, 200].enumerated() where index < 1 + beat % 3 {
                store.add(
                    Call(
                        caller: Caller(.program, "/tmp/a"),
                        destination: Destination(.address(.v4(0xcb00_7109)), port: 80, transport: .tcp),
                        nanoseconds: Int64(beat * 30_000 + beat * 613 % 1700 + delay) * 1_000_000))
            }
        }
        let finding = store.findings(allowed: AllowList([])).first
        #expect(finding?.analysis.beats == 20)
        #expect(finding?.analysis.merged == 19)
        #expect(abs((finding?.analysis.rhythm.periodSeconds ?? 0) - 30) < 1)
    }

    @Test func callsOfOnePageInWholeSecondsAreNoBeacon() {
        var store = CallStore()
        // Twenty calls in a quarter of a minute, as a log with whole seconds has them.
        for second in [0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14] {
            store.add(
                Call(
                    caller: Caller(.host, "10.0.0.1"),
                    destination: Destination(.domain("page.example"), port: 443, transport: .tcp),
                    nanoseconds: Int64(second) * 1_000_000_000))
        }
        #expect(store.findings(allowed: AllowList([])).filter(\.isBeacon).isEmpty)
    }
}
