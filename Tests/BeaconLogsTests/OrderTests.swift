import BeaconLogs
import Beacons
import Foundation
import Glibc
import Model
import Testing

/// In what order logs are read, and what can be read only once.
@Suite struct OrderTests {
    private let header = "ts,src_ip,dest_ip,dest_port"

    /// A day of calls each minute, and the next one of calls by chance.
    private func days() throws -> [TemporaryLog] {
        var (regular, random) = ([header], [header])
        for beat in 0..<1000 { regular.append("\(1_700_000_000 + beat * 60),10.0.0.5,203.0.113.9,443") }
        var (time, state) = (1_700_086_400, UInt64(7))
        for _ in 0..<120 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            time += Int(state >> 33 % 1400) + 1
            random.append("\(time),10.0.0.5,203.0.113.9,443")
        }
        return [try TemporaryLog(regular), try TemporaryLog(random)]
    }

    private func beacons(_ paths: [String]) -> [Finding] {
        var store = CallStore()
        var reader = CallLogs(paths: paths)
        _ = reader.read(complain: { _ in }, take: { store.add($0.call, traits: $0.traits) })
        return store.findings(allowed: AllowList([])).filter(\.isBeacon)
    }

    @Test func filesOfANewerDayMayBeNamedFirst() throws {
        let days = try days()
        let paths = days.map(\.path)
        let inOrder = beacons(paths)
        let reversed = beacons(paths.reversed())
        #expect(inOrder.count == 1)
        #expect(inOrder.map(\.value) == reversed.map(\.value))
    }

    @Test func filesInAnyFormAreReadTheEarlierFirst() throws {
        let seconds = ["1700000400", "1700000300", "1700000100", "1700000200"]
        let json = try TemporaryLog([
            "{\"ts\":\(seconds[0]).5,\"id.orig_h\":\"10.0.0.4\",\"id.resp_h\":\"203.0.113.9\"}"
        ])
        let zeek = try TemporaryLog([
            "#path\tconn", "#fields\tts\tid.orig_h\tid.resp_h", "\(seconds[1])\t10.0.0.3\t::1",
        ])
        let table = try TemporaryLog([header, "\(seconds[2]),10.0.0.1,203.0.113.9,443"]).compressed()
        let other = try TemporaryLog([header, "\(seconds[3]),10.0.0.2,203.0.113.9,443"])
        let read = ReadLogs([json, zeek, table, other])
        #expect(
            read.entries.map(\.call.caller.identity) == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"],
            "\(read.complaints)")
    }

    @Test func aPipeIsReadFromItsBeginning() throws {
        let lines = [header] + (0..<40).map { "\(1_700_000_000 + $0 * 60),10.0.0.5,203.0.113.9,443" }
        let pipe = Pipe()
        // Less than a pipe holds.
        try pipe.fileHandleForWriting.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(!CallLogs.canBeReadAgain([path]) && !CallLogs.canBeReadAgain(["-"]))
        var reader = CallLogs(paths: [path])
        var times: [Int64] = []
        let result = reader.read(complain: { Issue.record("\($0)") }, take: { times.append($0.call.nanoseconds) })
        #expect(result.lines == 41)
        #expect(times == (0..<40).map { (1_700_000_000 + $0 * 60) * 1_000_000_000 })
    }

    @Test func aNamedPipeIsOpenedOnce() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("beacons-\(UUID().uuidString)").path
        // The path is a NUL-terminated copy that lives through the call.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = [header] + (0..<40).map { "\(1_700_000_000 + $0 * 60),10.0.0.5,203.0.113.9,443" }
        let text = lines.map { $0 + "\n" }.joined()
        // Opening waits for the other end.
        let writer = Thread {
            let handle = FileHandle(forWritingAtPath: path)
            try? handle?.write(contentsOf: Data(text.utf8))
            try? handle?.close()
        }
        writer.start()
        var reader = CallLogs(paths: [path])
        var calls = 0
        _ = reader.read(complain: { Issue.record("\($0)") }, take: { _ in calls += 1 })
        #expect(calls == 40)
    }

    @Test func namesOfOnePipeAreUsedForTheConnectionsOfAnother() throws {
        func pipe(_ lines: [String]) throws -> Pipe {
            let pipe = Pipe()
            try pipe.fileHandleForWriting.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
            try pipe.fileHandleForWriting.close()
            return pipe
        }
        let connections = try pipe([
            "#path\tconn", "#fields\tts\tuid\tid.orig_h\tid.resp_h", "1\tC1\t10.0.0.5\t203.0.113.9",
        ])
        let handshakes = try pipe([
            "#path\tssl", "#fields\tts\tuid\tid.orig_h\tid.resp_h\tserver_name",
            "2\tC1\t10.0.0.5\t203.0.113.9\ta.example",
        ])
        let paths = [connections, handshakes].map { "/dev/fd/\($0.fileHandleForReading.fileDescriptor)" }
        var reader = CallLogs(paths: paths)
        var domains: [String?] = []
        _ = reader.read(complain: { Issue.record("\($0)") }, take: { domains.append($0.call.destination.domain) })
        #expect(domains == ["a.example"])
        withExtendedLifetime((connections, handshakes)) {}
    }
}
