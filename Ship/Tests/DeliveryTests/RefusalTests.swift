import Delivery
import Testing

@Suite("Records that a receiver refuses for good")
struct RefusalTests {
    private static let fine = DeliveryResult.acknowledged(rejected: [])

    /// A receiver that refuses the records from `first` on until somebody corrects it before `end`.
    private func round(_ count: Int, refusing refused: Range<Int>, asWhole: Bool) -> Round {
        Round(NumberSource(count, perParcel: 50)) { records, _ in
            let numbers = records.compactMap { Int($0) }
            guard numbers.contains(where: refused.contains) else { return Self.fine }
            if asWhole, numbers.count > 1 { return .tooLarge }
            return .acknowledged(
                rejected: numbers.indices.filter { refused.contains(numbers[$0]) }.map {
                    RejectedRecord(index: $0, reason: "no such field")
                })
        }
    }

    @Test(
        "Of a receiver that refuses everything dead letters are few, and then one record is tried at a time, and seldom",
        arguments: [false, true])
    func refusesAll(_ asWhole: Bool) async throws {
        let round = round(400, refusing: 0..<100, asWhole: asWhole)
        await round.courier.run()
        #expect(round.letters.letters.count == 100)
        #expect(round.numbers == Array(100..<400))
        // 16 at the receiver's own pace, each further one, and the first that is taken, after a wait.
        #expect(round.clock.naps.count == 85)
        #expect(round.clock.naps.first == .seconds(15))
        #expect(round.clock.naps.last == .seconds(300))
        let troubles = round.witness.told.compactMap { if case .troubled(let message) = $0 { message } else { nil } }
        #expect(troubles.count == 1)
        let message = try #require(troubles.first)
        #expect(message.contains("16 records") && message.contains("no such field"), "\(message)")
        #expect(round.witness.told.contains { if case .recovered = $0 { true } else { false } })
    }

    @Test("One that took records before is given more time", arguments: [false, true])
    func refusesLater(_ asWhole: Bool) async {
        let round = round(2_000, refusing: 500..<1_600, asWhole: asWhole)
        await round.courier.run()
        #expect(round.letters.letters.count == 1_100)
        #expect(round.numbers == Array(0..<500) + Array(1_600..<2_000))
        #expect((1...101).contains(round.clock.naps.count))
    }

    @Test("One that names a bad record at a time, and takes no other with it, is not waited for")
    func namesOne() async {
        let bad: Set<String> = ["3", "7", "8", "21", "30"]
        let round = Round(NumberSource(40, perParcel: 10)) { records, _ in
            guard let place = records.firstIndex(where: bad.contains) else { return Self.fine }
            return .partly(
                retry: records.indices.filter { $0 != place },
                rejected: [RejectedRecord(index: place, reason: "no such field")], delay: nil)
        }
        await round.courier.run()
        #expect(round.letters.letters.count == bad.count)
        #expect(round.numbers == (0..<40).filter { !bad.contains("\($0)") })
        #expect(round.clock.naps.isEmpty)
        #expect(!round.witness.told.contains { if case .troubled = $0 { true } else { false } })
    }

    @Test("What is no record at all is nothing that the receiver refuses")
    func unreadable() async {
        let round = Round(NumberSource(3_000, perParcel: 50)) { records, _ in
            .acknowledged(
                rejected: records.indices.map { RejectedRecord(index: $0, reason: "no record", isRefused: false) })
        }
        await round.courier.run()
        #expect(round.letters.letters.count == 3_000)
        #expect(round.clock.naps.isEmpty)
    }

    @Test("A receiver that refuses many and takes a few goes on at its pace")
    func refusesMost() async {
        let round = Round(NumberSource(5_000, perParcel: 50)) { records, _ in
            .acknowledged(rejected: records.indices.dropFirst().map { RejectedRecord(index: $0, reason: "no") })
        }
        await round.courier.run()
        #expect(round.letters.letters.count > 4_800)
        #expect(round.letters.letters.count + round.numbers.count == 5_000)
        #expect(round.clock.naps.isEmpty)
    }
}
