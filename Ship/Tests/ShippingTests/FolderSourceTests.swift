import Delivery
import Following
import Glibc
import Preparing
import ShipSettings
import Testing

@testable import Shipping

@Suite("The log as a source")
struct FolderSourceTests {
    @Test("Once ends where the log ended at its start, however it grows meanwhile", arguments: [4, 1000])
    func once(records: Int) async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<2, recordsPerFile: 10)
        let ledger = Ledger("a", position: nil, letters: nil, now: { 0 }, say: { _ in })
        let notice = SkippedNotice(version: "1", hostName: "host", now: { 0 })
        let source = FolderSource(
            "a", follower: LogFollower(folder: log.folder, position: nil), checkpoint: nil,
            preparation: Preparation(Selection(), rules: nil, notice: notice), linger: .zero, isOnce: true,
            ledger: ledger, clock: ContinuousClock())
        var delivered: [Int?] = []
        var file = 2
        while let parcel = await source.next(BatchLimits(records: records)), file < 50 {
            delivered += GrowingLog.numbers(in: String(decoding: parcel.batch.bytes, as: UTF8.self))
            await source.delivered(parcel)
            try log.write(file..<file + 1, recordsPerFile: 10)
            file += 1
        }
        #expect(delivered == (0..<22).map { $0 })
    }
}

@Suite("How it stands")
struct ReporterTests {
    private func status(_ destinations: [ShipStatus.Destination] = []) -> ShipStatus {
        ShipStatus(
            version: "1", pid: getpid(), started: 0, updated: 0, isEnded: false, folder: "/log",
            destinations: destinations)
    }

    @Test("A log that cannot be read is trouble, and no less behind than it was")
    func unreadable() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 10)
        let heard = Heard()
        let ledger = heard.ledger
        let latest = LatestStatus(status())
        let reporter = Reporter(
            [ledger], of: log.folder, statusFile: scratch.path("status.json"), metricsFile: nil, isOnce: false,
            latest: latest,
            say: { _ in })
        await reporter.report(isEnded: false)
        let before = try #require(latest.status.destinations.first)
        #expect(before.behindBytes > 0)
        #expect(before.trouble == nil)
        unsafe rename(log.folder, scratch.path("elsewhere"))
        ledger.cannotRead("no permission")
        await reporter.report(isEnded: false)
        let after = try #require(latest.status.destinations.first)
        #expect(after.behindBytes == before.behindBytes)
        #expect(after.trouble == "no permission")
        #expect(latest.status.metrics().contains("tattle_ship_failing{destination=\"siem\"} 1\n"))
        #expect(!heard.said.contains { $0.contains("behind") })
    }

    @Test("A status and metrics that cannot be written are told of once each, and when they can again")
    func unwritable() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        let heard = Heard()
        let reporter = Reporter(
            [], of: log.folder, statusFile: scratch.path("no/status.json"), metricsFile: scratch.path("no/metrics"),
            isOnce: false,
            latest: LatestStatus(status()), say: { heard.say($0) })
        for _ in 0..<3 { await reporter.report(isEnded: false) }
        #expect(heard.said.count == 2)
        #expect(heard.said.allSatisfy { $0.contains("cannot be written: No such file or directory: make its folder") })
        unsafe mkdir(scratch.path("no"), 0o700)
        for _ in 0..<2 { await reporter.report(isEnded: false) }
        #expect(heard.said.count == 4)
    }

    @Test("An old status of one that runs is no status of one that does not")
    func old() {
        let status = status()
        #expect(status.text(now: 1000, isRunning: true).contains("it cannot write how it stands"))
        #expect(status.text(now: 1000, isRunning: false).contains("it does not run"))
        #expect(!status.needsAttention(now: 10, isRunning: true))
        #expect(status.needsAttention(now: 10, isRunning: false))
        #expect(status.needsAttention(now: 1000, isRunning: true))
    }
}
