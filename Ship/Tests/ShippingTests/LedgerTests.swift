import Delivery
import Following
import Glibc
import Logs
import Synchronization
import Testing

@testable import Shipping

/// A ledger, and the lines that are said.
final class Heard: Sendable {
    let ledger: Ledger
    private let box: Box

    private final class Box: Sendable {
        let lines = Mutex([String]())
    }

    init(letters: String? = "/letters") {
        let box = Box()
        ledger = Ledger(
            "siem", position: nil, letters: letters, now: { 1000 },
            say: { line in box.lines.withLock { $0.append(line) } })
        self.box = box
    }

    var said: [String] { box.lines.withLock { $0 } }

    func say(_ line: String) { box.lines.withLock { $0.append(line) } }
}

@Suite("What a person is told")
struct LedgerTests {
    @Test("Trouble and its end are a line each, however many tries there were")
    func trouble() {
        let heard = Heard()
        heard.ledger.note(.troubled(message: "nobody answers"))
        for _ in 0..<100 { heard.ledger.note(.retried) }
        #expect(heard.ledger.figures.trouble == "nobody answers")
        heard.ledger.note(.recovered(after: .seconds(42), tries: 3))
        #expect(heard.ledger.figures.trouble == nil)
        #expect(heard.ledger.figures.retries == 100)
        #expect(
            heard.said == [
                "siem: nobody answers; tried again until it goes", "siem: delivered again after 42 s, 3 tries",
            ])
    }

    @Test("Rejected records are told of once, and counted all")
    func rejected() {
        let heard = Heard()
        for _ in 0..<5 { heard.ledger.note(.rejected(records: 2, reason: "mapping")) }
        #expect(heard.ledger.figures.rejected == 10)
        #expect(heard.said.count == 1)
        #expect(heard.said.first?.contains("/letters") == true)
    }

    @Test("A dry run, which sends nothing, speaks of no letters and of no record of its own")
    func dry() {
        let heard = Heard(letters: nil)
        heard.ledger.note(.rejected(records: 2, reason: "mapping"))
        heard.ledger.skipped(
            SkippedRecords(
                cause: .damaged, records: 3, isExact: true, run: nil, after: nil,
                before: LogFileName(unixNanoseconds: 1, sequence: 0)))
        #expect(
            heard.said == [
                "siem: 2 records are not taken: mapping", "siem: 3 records are in a compressed file that is damaged",
            ])
    }

    @Test(
        "What is gone is counted as far as anybody knows",
        arguments: [(3, true, "3"), (3, false, "at least 3"), (0, false, "nobody knows how many")])
    func skipped(records: UInt64, isExact: Bool, count: String) {
        let heard = Heard()
        heard.ledger.skipped(
            SkippedRecords(
                cause: .tooLong, records: records, isExact: isExact, run: nil, after: nil,
                before: LogFileName(unixNanoseconds: 1, sequence: 0)))
        #expect(
            heard.said == [
                "siem: \(count) records are longer than any record; a record of its own, records_skipped, tells of it there"
            ])
        #expect(heard.ledger.figures.skipped == records)
    }

    @Test("A checkpoint that cannot be written is told of once, and when it is over")
    func checkpoint() {
        let heard = Heard()
        for code in [0, ENOSPC, ENOSPC, ENOSPC, 0, 0, ENOSPC] {
            heard.ledger.saved(code, to: "/state/siem.checkpoint")
            #expect((heard.ledger.figures.trouble != nil) == (code != 0))
        }
        #expect(heard.said.count == 3)
        #expect(
            heard.said.first?.contains("'/state/siem.checkpoint' cannot be written: No space left on device: make room")
                == true)
    }

    @Test("A folder that cannot be read is told of once, and when it is over")
    func folder() {
        let heard = Heard()
        heard.ledger.canRead()
        for _ in 0..<3 { heard.ledger.cannotRead("no permission") }
        #expect(heard.ledger.figures.trouble == "no permission")
        #expect(heard.ledger.figures.troubleSince == 1000)
        for _ in 0..<3 { heard.ledger.canRead() }
        #expect(heard.said.count == 2)
        #expect(heard.ledger.figures.trouble == nil)
    }

    @Test("One that has ended is trouble, and its lag is no news")
    func ended() {
        let heard = Heard()
        heard.ledger.ended("nobody reads it")
        var backlog = Backlog()
        (backlog.bytes, backlog.seconds) = (1, 1000)
        heard.ledger.isBehind(backlog)
        #expect(heard.said == ["siem: nobody reads it"])
        #expect(heard.ledger.figures.trouble == "nobody reads it")
    }

    @Test("Falling behind is told of when it is a minute, each time that it doubles, and when it is over")
    func behind() {
        let heard = Heard()
        for seconds: UInt64 in [0, 59, 60, 61, 119, 120, 200, 240, 100, 50, 9, 9, 30] {
            var backlog = Backlog()
            (backlog.bytes, backlog.records, backlog.seconds) = (seconds + 1, seconds, seconds)
            heard.ledger.isBehind(backlog)
        }
        #expect(
            heard.said == [
                "siem: is behind by 61 bytes, 60 records, 60 s", "siem: is behind by 121 bytes, 120 records, 120 s",
                "siem: is behind by 241 bytes, 240 records, 240 s", "siem: is not behind any more",
            ])
    }
}

@Suite("Dead letters")
struct DeadLetterTests {
    @Test("Each is a line of JSON with the reason, the destination and the record, whatever bytes it has")
    func letters() async {
        let scratch = Scratch()
        let file = DeadLetterFile(path: scratch.path("dead"), destination: "siem \"a\"", now: { 7 })
        let record = Array("{\"a\":\"\\u0001\n".utf8) + [0xff]
        #expect(await file.keep([DeadLetter(record: record, reason: "no\nreason")]) == nil)
        #expect(await file.keep([DeadLetter(record: [0x7b, 0x7d], reason: "r")]) == nil)
        let lines = Scratch.content(scratch.path("dead")).split(separator: "\n")
        #expect(
            lines == [
                "{\"time\":7,\"destination\":\"siem \\\"a\\\"\",\"reason\":\"no\\u000areason\",\"record\":\"{\\\"a\\\":\\\"\\\\u0001\\u000a\u{fffd}\"}",
                "{\"time\":7,\"destination\":\"siem \\\"a\\\"\",\"reason\":\"r\",\"record\":\"{}\"}",
            ])
    }

    @Test("A torn one that a kill left is taken away: its record comes again")
    func torn() async {
        let scratch = Scratch()
        let path = scratch.write("dead", "{\"time\":1}\n{\"time\":2,\"dest")
        let file = DeadLetterFile(path: path, destination: "siem", now: { 7 })
        #expect(await file.keep([DeadLetter(record: [0x7b, 0x7d], reason: "r")]) == nil)
        #expect(
            Scratch.content(path)
                == "{\"time\":1}\n{\"time\":7,\"destination\":\"siem\",\"reason\":\"r\",\"record\":\"{}\"}\n")
    }

    @Test("Where they cannot be kept it is said, and nothing is lost by it")
    func impossible() async {
        let file = DeadLetterFile(path: "/dev/full", destination: "siem", now: { 7 })
        #expect(
            await file.keep([DeadLetter(record: [], reason: "r")])
                == "cannot keep dead letters in '/dev/full': No space left on device: make room; delivery waits for it")
    }
}
