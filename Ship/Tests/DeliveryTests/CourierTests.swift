import Delivery
import Testing

@Suite("Delivery")
struct CourierTests {
    private static let fine = DeliveryResult.acknowledged(rejected: [])
    private static let dead = DeliveryResult.outage(Outage(.passing, "nobody answers: is it running?"))

    @Test("Everything arrives in order, and is remembered when it is acknowledged")
    func everything() async {
        let round = Round(NumberSource(100)) { _, _ in Self.fine }
        await round.courier.run()
        #expect(round.numbers == Array(0..<100))
        #expect(round.source.delivered == Array(1...25))
        #expect(round.witness.told.isEmpty)
        #expect(round.receiver.isClosed)
        #expect(round.clock.naps.isEmpty)
    }

    @Test("One batch is in flight and one is being prepared, however slow the receiver is")
    func memory() async {
        let round = Round(NumberSource(400)) { _, _ in
            for _ in 0..<20 { await Task.yield() }
            return Self.fine
        }
        await round.courier.run()
        #expect(round.source.mostOutstanding <= 2)
    }

    @Test("The next batch is made ready while the one before is in flight, and only then", .timeLimit(.minutes(1)))
    func overlap() async {
        let isReady = Signal()
        let round = Round(
            NumberSource(8), onLoad: { if $0.first == "4" { isReady.give() } },
            { records, _ in
                if records.first == "0" { await isReady.wait() }
                return Self.fine
            })
        await round.courier.run()
        #expect(round.numbers == Array(0..<8))
    }

    @Test("A batch is made ready once, however often it is tried, and its pieces when it is their turn")
    func loads() async {
        let again = Round(NumberSource(8)) { _, attempt in attempt < 5 ? Self.dead : Self.fine }
        await again.courier.run()
        #expect(again.receiver.loads == [["0", "1", "2", "3"], ["4", "5", "6", "7"]])
        let split = Round(NumberSource(4)) { records, _ in records.count > 2 ? .tooLarge : Self.fine }
        await split.courier.run()
        #expect(split.receiver.loads == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"]])
    }

    @Test("A batch that fails is tried again before any other, ever more seldom, and told of once and when it is over")
    func outage() async throws {
        let round = Round(NumberSource(12)) { _, attempt in (1...9).contains(attempt) ? Self.dead : Self.fine }
        await round.courier.run()
        #expect(round.numbers == Array(0..<12))
        #expect(round.receiver.tries.dropFirst().prefix(10).allSatisfy { $0 == ["4", "5", "6", "7"] })
        let waits = [0.5, 1, 2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) }
        #expect(round.clock.naps == waits)
        #expect(
            round.witness.told == [
                .troubled(message: "nobody answers: is it running?"),
                .recovered(after: waits.reduce(.zero, +), tries: 9),
            ])
    }

    @Test("What is in the way now is told when it is another thing than before")
    func reasons() async {
        let round = Round(NumberSource(4)) { _, attempt in
            attempt < 20 ? .outage(Outage(.passing, attempt % 2 == 0 ? "a" : "b")) : Self.fine
        }
        await round.courier.run()
        #expect(round.witness.told.count == 3)
    }

    @Test("Retry-After is waited for, and not for ever")
    func asked() async {
        let round = Round(NumberSource(4), random: { 0 }) { _, attempt in
            switch attempt {
            case 0: .outage(Outage(.passing, "busy", delay: .seconds(30)))
            case 1: .outage(Outage(.passing, "busy", delay: .seconds(1_000_000)))
            default: Self.fine
            }
        }
        await round.courier.run()
        #expect(round.clock.naps == [.milliseconds(30_100), .milliseconds(3_600_100)])
    }

    @Test("What is too large is split until it goes, in order; later batches are not tried in full each time")
    func split() async {
        let round = Round(NumberSource(160, perParcel: 16)) { records, _ in records.count > 5 ? .tooLarge : Self.fine }
        await round.courier.run()
        #expect(round.numbers == Array(0..<160))
        #expect(round.witness.told == [.split(records: 8, bytes: 16)])
        let refused = round.receiver.tries.filter { $0.count > 5 }.count
        #expect(refused < 10)
        #expect(round.clock.naps.isEmpty)
    }

    @Test("A single record that is too large goes to the dead letters, and the others arrive")
    func tooLarge() async {
        let round = Round(NumberSource(32, perParcel: 16)) { records, _ in
            records.contains("5") ? .tooLarge : Self.fine
        }
        await round.courier.run()
        #expect(round.numbers == (0..<32).filter { $0 != 5 })
        #expect(round.letters.letters.map { String(decoding: $0.record, as: UTF8.self) } == ["5"])
        #expect(round.source.delivered == [1, 2])
    }

    @Test("Records that are to be tried again are, before anything else")
    func partly() async {
        let round = Round(NumberSource(8)) { records, attempt in
            attempt == 0
                ? .partly(retry: [1, 3], rejected: [RejectedRecord(index: 2, reason: "no")], delay: nil) : Self.fine
        }
        await round.courier.run()
        #expect(round.receiver.tries == [["0", "1", "2", "3"], ["1", "3"], ["4", "5", "6", "7"]])
        #expect(round.letters.letters == [DeadLetter(record: Array("2".utf8), reason: "no")])
        #expect(round.clock.naps.count == 1)
    }

    @Test("Nothing to be tried again is no reason to ask again")
    func partlyNothing() async {
        let round = Round(NumberSource(8)) { _, _ in .partly(retry: [], rejected: [], delay: nil) }
        await round.courier.run()
        #expect(round.numbers == Array(0..<8))
        #expect(round.receiver.tries.count == 2)
        #expect(round.clock.naps.isEmpty)
    }

    @Test("What is rejected is in the dead letters before it is remembered as done, also when these have no room")
    func rejected() async {
        let letters = LetterBox(failures: 3)
        let source = NumberSource(4)
        let round = Round(source, letters: letters) { _, _ in
            .acknowledged(rejected: [RejectedRecord(index: 0, reason: "mapping")])
        }
        await round.courier.run()
        #expect(letters.letters.count == 1)
        #expect(source.delivered == [1])
        #expect(round.clock.naps.count == 3)
        #expect(round.witness.told.contains(.rejected(records: 1, reason: "mapping")))
        #expect(round.witness.told.contains(.troubled(message: "no room")))
    }

    @Test("Where somebody has to do something it is tried seldom")
    func lasting() async {
        let round = Round(NumberSource(4)) { _, attempt in
            attempt < 8 ? .outage(Outage(.lasting, "the token is wrong")) : Self.fine
        }
        await round.courier.run()
        #expect(round.clock.naps.first == .seconds(15))
        #expect(round.clock.naps.last == .seconds(300))
    }

    @Test("A dead receiver does not hold up another one")
    func independent() async {
        let dead = Round(NumberSource(8)) { _, _ in Self.dead }
        let live = Round(NumberSource(800)) { _, _ in Self.fine }
        let waiting = Task { await dead.courier.run() }
        await live.courier.run()
        #expect(live.numbers == Array(0..<800))
        dead.courier.stop(within: .seconds(1))
        await waiting.value
        #expect(dead.source.delivered.isEmpty)
    }

    @Test(
        "Whatever comes of each try, every record is delivered or a dead letter, and those of a batch before the next",
        arguments: 0..<40)
    func anything(seed: UInt64) async {
        let round = Round(NumberSource(200, perParcel: 7), letters: LetterBox(failures: Int(seed % 3))) {
            records, attempt in
            var state = seed &* 1_000_003 &+ UInt64(attempt) &* 7_919
            func draw(_ limit: UInt64) -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (state >> 33) % limit
            }
            switch draw(8) {
            case 0: return Self.dead
            case 1: return .tooLarge
            case 2:
                let retry = records.indices.filter { _ in draw(2) == 0 }
                guard !retry.isEmpty else { return Self.fine }
                let rejected = records.indices.filter { !retry.contains($0) && draw(4) == 0 }
                return .partly(
                    retry: retry, rejected: rejected.map { RejectedRecord(index: $0, reason: "r") }, delay: nil)
            case 3:
                return .acknowledged(rejected: [RejectedRecord(index: Int(draw(UInt64(records.count))), reason: "r")])
            default: return Self.fine
            }
        }
        await round.courier.run()
        let buried = round.letters.letters.compactMap { Int(String(decoding: $0.record, as: UTF8.self)) }
        #expect((round.numbers + buried).sorted() == Array(0..<200))
        // A record that came before another in a parcel before that one's.
        let parcels = round.numbers.map { number in round.source.parcel(of: number) }
        #expect(parcels == parcels.sorted())
        #expect(round.source.delivered == Array(1...UInt64(round.source.delivered.count)))
        #expect(round.source.parcel(of: 199) == round.source.delivered.last)
    }
}

@Suite("Waiting before the next try")
struct RetryPolicyTests {
    private let policy = RetryPolicy()

    @Test("Any time up to a limit that doubles, and that has an end; never none at all")
    func jitter() {
        for failures in [1, 2, 5, 100, Int.max] {
            for random in [0, 0.3, 1] {
                let delay = policy.delay(failures: failures, kind: .passing, asked: nil, random: random)
                #expect(delay >= policy.shortest && delay <= policy.longest)
            }
        }
        #expect(policy.delay(failures: 3, kind: .passing, asked: nil, random: 0.5) == .seconds(1))
        #expect(policy.delay(failures: 3, kind: .passing, asked: .seconds(-5), random: 0.5) == .seconds(1))
    }
}

@Suite("Batches")
struct BatchTests {
    @Test("Lines are those between line feeds; empty ones and one without an end are none")
    func lines() {
        let batch = Batch(bytes: Array("a\n\nbc\nd".utf8))
        #expect(batch.lines == [0..<1, 3..<5])
        #expect(batch.length == 5)
        #expect(batch.picking([1]).halves == nil)
        #expect(batch.halves?.second.lines == [3..<5])
        #expect(Batch(bytes: []).lines.isEmpty)
    }
}
