import Delivery
import Testing

@Suite("The end of a delivery")
struct StopTests {
    @Test("The batch in flight is finished and remembered, and no other is begun")
    func graceful() async {
        let (began, go) = (Signal(), Signal())
        let round = Round(NumberSource(8)) { _, _ in
            began.give()
            await go.wait()
            return .acknowledged(rejected: [])
        }
        // It ends in the time that it has: the receiver does not look whether it is cancelled.
        let running = Task { await round.courier.run() }
        await began.wait()
        round.courier.stop(within: .seconds(10))
        go.give()
        await running.value
        #expect(round.numbers == [0, 1, 2, 3])
        #expect(round.source.delivered == [1])
    }

    @Test("Whoever only waits ends at once: for records, or for the next try")
    func waiting() async {
        let idle = Round(NumberSource(4, waitsAtEnd: true)) { _, _ in .acknowledged(rejected: []) }
        let running = Task { await idle.courier.run() }
        while idle.source.delivered.isEmpty { await Task.yield() }
        idle.courier.stop(within: .seconds(10))
        await running.value
        #expect(idle.source.delivered == [1])

        let failing = Round(NumberSource(4)) { _, _ in .outage(Outage(.passing, "dead")) }
        let trying = Task { await failing.courier.run() }
        while failing.receiver.tries.isEmpty { await Task.yield() }
        failing.courier.stop(within: .seconds(10))
        await trying.value
        #expect(failing.source.delivered.isEmpty)
    }

    @Test("What is in flight when its time is over, or when the task is cancelled, is cancelled and not remembered")
    func inFlight() async {
        let ends: [@Sendable (Round, Task<Void, Never>) -> Void] = [
            { round, _ in round.courier.stop(within: .seconds(10)) }, { _, running in running.cancel() },
        ]
        for end in ends {
            let began = Signal()
            let round = Round(NumberSource(8)) { _, _ in
                began.give()
                try? await Task.sleep(for: .seconds(3600))
                return .outage(Outage(.passing, "cancelled"))
            }
            let running = Task { await round.courier.run() }
            await began.wait()
            end(round, running)
            await running.value
            #expect(round.source.delivered.isEmpty)
        }
    }
}
