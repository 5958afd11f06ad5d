internal import Foundation
internal import Testing

extension KernelSuite {
    /// What calls home is told of while it does.
    @Suite("Beacons: live")
    struct Beacons {
        @Test(
            "a loop in a script that starts a program each two seconds is told of within ten beats, offline",
            arguments: Kernel.hookSets)
        func loop(hookSet: String) throws {
            let folder = try Folder()
            let program = folder.at("curl")
            try FileManager.default.copyItem(atPath: Kernel.attempts, toPath: program)
            let script = folder.at("home.sh")
            try Data(
                """
                #!/bin/sh
                beat=0
                while [ $beat -lt 11 ]; do
                    \(program) dial 203.0.113.9 443
                    sleep 2
                    beat=$((beat + 1))
                done

                """.utf8
            ).write(to: URL(fileURLWithPath: script))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
            let log = try Trace.run(hookSet, ["--beacons"], [Kernel.attempts, "alone", script])
            let records = try log.records()
            try Kernel.checking {
                let attempts = records.attempts.filter { $0.destination?.port == 443 }
                #expect(attempts.count == 11)
                #expect(Set(attempts.compactMap { $0.process?.pid }).count == 11)
                #expect(attempts.allSatisfy { $0.error?.code == "ENETUNREACH" })
                let place = try #require(records.firstIndex { $0.event.action == "beacon_detected" })
                let beacon = try #require(records[place].tattle?.beacon)
                #expect((beacon.caller.kind, beacon.caller.name) == ("script", script))
                #expect(beacon.destination == "203.0.113.9:443")
                #expect(beacon.beats <= 10)
                // Live: before the loop has ended.
                #expect(Array(records[..<place]).attempts.filter { $0.destination?.port == 443 }.count <= 10)
                #expect(abs(beacon.period_seconds - 2) < 0.6)
            }
        }

        /// How often is asked depends on what it costs: in a machine that is emulated, or busy, some beats are seen together.
        @Test("40 bytes every five seconds on one connection are told of", arguments: Kernel.anyHookSet)
        func held(hookSet: String) throws {
            let folder = try Folder()
            let program = folder.at(".update")
            try FileManager.default.copyItem(atPath: Kernel.attempts, toPath: program)
            let log = try Trace.run(hookSet, ["--beacons"], [program, "held-beacon", "5000", "20"])
            let records = try log.records()
            try Kernel.checking {
                let found = try #require(
                    records.of("beacon_detected").first, "tattle says: \(log.errors); \(log.output)")
                let beacon = try #require(found.tattle?.beacon)
                let together = (beacon.period_seconds / 5).rounded()
                #expect((1...3).contains(together))
                #expect(abs(beacon.period_seconds - 5 * together) < 0.5)
                #expect(beacon.destination.hasPrefix("192.0.2.1:"))
                #expect(beacon.modifiers.contains { $0.name == "keep_alive" })
            }
        }

        @Test("datagrams every three seconds from one socket are told of when it closes", arguments: Kernel.hookSets)
        func flow(hookSet: String) throws {
            let folder = try Folder()
            let program = folder.at(".update")
            try FileManager.default.copyItem(atPath: Kernel.attempts, toPath: program)
            let log = try Trace.run(hookSet, ["--beacons"], [program, "flow-beacon", "3000", "12"])
            let records = try log.records()
            try Kernel.checking {
                let found = try #require(
                    records.of("beacon_detected").first, "tattle says: \(log.errors); \(log.output)")
                let beacon = try #require(found.tattle?.beacon)
                #expect(abs(beacon.period_seconds - 3) < 0.1)
                #expect(beacon.beats == 12)
                #expect(beacon.destination == "192.0.2.1:5999/udp")
                #expect(beacon.modifiers.contains { $0.name == "keep_alive" })
                // They were no attempts of their own.
                #expect(records.attempts.filter { $0.destination?.port == 5999 }.count == 1)
            }
        }
    }
}
