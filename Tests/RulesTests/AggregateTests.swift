import Model
import Rules
import Testing

@Suite("Repeats")
struct AggregateTests {
    private static let minute = "[[rule]]\nname = 'a'\naction = 'aggregate'\nwindow = '1m'\n"

    @Test("are one record at the end of the window, with count, first, last and the gaps")
    func collapse() throws {
        var run = try Run(Self.minute)
        var records = Records()
        for time: UInt64 in [100, 101, 103, 106] {
            run.take(.attempted(records.attempt(at: time * second, source: UInt16(time))))
        }
        #expect(run.written.count == 1, "the first is written at once")
        #expect(run.engine.nextDeadline == 160 * second)
        run.expire(now: 160 * second - 1)
        #expect(run.written.count == 1)
        run.expire(now: 160 * second)
        let summary = try #require(run.summaries.first)
        #expect(run.written.count == 2)
        #expect(summary.kind == .attempted && summary.rule == "a" && summary.count == 3)
        #expect(summary.firstBootNanoseconds == 101 * second && summary.lastBootNanoseconds == 106 * second)
        #expect(summary.gaps.minimumNanoseconds == second && summary.gaps.maximumNanoseconds == 3 * second)
        #expect(summary.gaps.meanNanoseconds == 2 * second)
        // The square root of 2/3, of gaps of 1, 2 and 3 seconds.
        #expect(summary.gaps.deviationNanoseconds / 1000 == 816_496)
        #expect(summary.attempt.id == 1001, "that of the record that was written")
        #expect(summary.attempt.source == nil && summary.attempt.bytes == 0 && summary.volume == nil)
        #expect(summary.windowNanoseconds == 60 * second)
        let counts = run.engine.counts[0]
        #expect(counts.matched == 4 && counts.withheld == 3 && counts.withheldAttempts == 3 && counts.summaries == 1)
        #expect(run.engine.nextDeadline == nil && run.engine.aggregateCount == 0)
    }

    @Test("after the window begin anew: one is written, and what came before it first")
    func again() throws {
        var run = try Run(Self.minute)
        var records = Records()
        for time: UInt64 in [0, 1, 59, 60, 61] { run.take(records.attempted(at: (100 + time) * second)) }
        run.finish()
        #expect(run.summaries.map(\.count) == [2, 1])
        guard case .attempted(let first) = run.written[0], case .aggregated = run.written[1],
            case .attempted(let second) = run.written[2], case .aggregated = run.written[3]
        else {
            Issue.record("\(run.written.count) records")
            return
        }
        #expect((first.attempt.id, second.attempt.id) == (1001, 1004))
    }

    @Test("that are none leave nothing behind")
    func single() throws {
        var run = try Run(Self.minute)
        var records = Records()
        run.take(records.attempted(at: 100 * second))
        run.expire(now: 200 * second)
        run.finish()
        #expect(run.written.count == 1 && run.engine.aggregateCount == 0)
    }

    @Test("are of one program, whatever process runs it: script, file, user, unit and container tell programs apart")
    func identity() throws {
        let callers = [
            Caller(), Caller(path: "/usr/bin/wget"), Caller(script: "/x.sh"), Caller(userID: 0), Caller(inode: 10),
            Caller(inode: 11), Caller(place: "/system.slice/cron.service"), Caller(place: "/lxc.payload.c"),
        ]
        var run = try Run(Self.minute)
        for caller in callers {
            var records = Records(caller)
            for _ in 0..<3 { run.take(records.attempted(at: 100 * second)) }
        }
        run.finish()
        #expect(run.summaries.count == callers.count && run.summaries.allSatisfy { $0.count == 2 })
    }

    @Test("are of one program though its digest is known of some only: it may come too late for one record")
    func digest() throws {
        var run = try Run(Self.minute)
        for caller in [Caller(), Caller(sha256: 1), Caller()] {
            var records = Records(caller)
            run.take(records.attempted(at: 100 * second))
        }
        run.finish()
        #expect(run.summaries.map(\.count) == [2])
    }

    @Test("are of one destination, protocol, outcome and network namespace")
    func keys() throws {
        var run = try Run(Self.minute)
        var records = Records()
        for _ in 0..<2 {
            run.take(.attempted(records.attempt(at: 100 * second)))
            run.take(.attempted(records.attempt(at: 100 * second, to: "203.0.113.10")))
            run.take(.attempted(records.attempt(at: 100 * second, port: 80)))
            run.take(.attempted(records.attempt(at: 100 * second, .udp)))
            run.take(.attempted(records.attempt(at: 100 * second, .tcp, .failed(errno: 110))))
            run.take(.attempted(records.attempt(at: 100 * second, netns: 2)))
            run.take(.resolved(records.attempt(at: 100 * second)))
        }
        run.finish()
        #expect(run.summaries.count == 7 && run.summaries.allSatisfy { $0.count == 1 })
        #expect(run.summaries.count { $0.kind == .resolved } == 1)
        #expect(run.engine.withheldAttempts == 6)
    }

    @Test("of ends add up what went over, and tell resets from closings")
    func ends() throws {
        var run = try Run(Self.minute)
        var records = Records()
        for sent: UInt64 in [1, 20, 300] { run.take(records.closed(at: 100 * second, sent: sent)) }
        for _ in 0..<2 { run.take(records.closed(at: 100 * second, sent: 1, error: 104)) }
        run.finish()
        #expect(run.summaries.map(\.count).sorted() == [1, 2])
        let closed = try #require(run.summaries.first { $0.attempt.outcome == .established })
        #expect(
            closed.volume
                == AggregateEvent.Volume(bytesSent: 320, packetsSent: 6, bytesReceived: 3200, packetsReceived: 4))
        #expect(run.summaries.contains { $0.attempt.outcome == .failed(errno: 104) })
        #expect(run.engine.withheldAttempts == 0 && run.engine.counts[0].withheld == 3)
    }

    @Test("of ends of which one was not counted have no sum")
    func uncounted() throws {
        var run = try Run(Self.minute)
        var records = Records()
        for index in 0..<4 { run.take(records.closed(at: 100 * second, sent: 1, hasCounters: index != 2)) }
        run.finish()
        #expect(run.summaries.count == 1 && run.summaries[0].volume == nil)
    }

    @Test("of more things than may be collected end early, the oldest first, and none is lost")
    func limit() throws {
        var run = try Run("[aggregation]\nkeys = 2\n" + Self.minute)
        var records = Records()
        for port: UInt16 in [1, 2, 1, 3, 1, 2, 3, 3] {
            run.take(.attempted(records.attempt(at: 100 * second, port: port)))
            #expect(run.engine.aggregateCount <= 2)
        }
        run.finish()
        let attempts = run.written.count { if case .attempted = $0 { true } else { false } }
        #expect(attempts + Int(run.summaries.reduce(0) { $0 + $1.count }) == 8)
        #expect(run.engine.counts[0].withheld == UInt64(8 - attempts))
        #expect(run.summaries.first?.attempt.destination.port == 1)
    }

    @Test("of more programs than have numbers end early, and none is lost")
    func identities() throws {
        var run = try Run(Self.minute)
        let count: UInt64 = 66_000
        for user in 0..<UInt32(count) {
            var records = Records(Caller(userID: user))
            for _ in 0..<2 { run.take(records.attempted(at: 100 * second)) }
        }
        run.finish()
        let attempts = run.written.count { if case .attempted = $0 { true } else { false } }
        #expect(UInt64(attempts) + run.summaries.reduce(0) { $0 + $1.count } == 2 * count)
        #expect(run.summaries.allSatisfy { $0.count == 1 })
    }

    @Test("of programs with long paths have no more numbers than fit into memory, and none is lost")
    func longPaths() throws {
        var run = try Run("[aggregation]\nkeys = 262144\n" + Self.minute)
        let (count, length): (UInt32, Int) = (9_000, 4_000)
        for user in 0..<count {
            var records = Records(Caller(path: "/" + String(repeating: "a", count: length), userID: user))
            for _ in 0..<2 { run.take(records.attempted(at: 100 * second)) }
            #expect(run.engine.aggregateCount * length <= 17 << 20)
        }
        run.finish()
        let attempts = run.written.count { if case .attempted = $0 { true } else { false } }
        #expect(UInt64(attempts) + run.summaries.reduce(0) { $0 + $1.count } == 2 * UInt64(count))
    }

    @Test("of programs with long arguments are fewer at once, and none is lost")
    func longArguments() throws {
        var run = try Run("[aggregation]\nkeys = 10\n" + Self.minute)
        for user: UInt32 in 0..<50 {
            var records = Records(Caller(argumentBytes: 30_000, userID: user))
            for _ in 0..<2 { run.take(records.attempted(at: 100 * second)) }
            // 10 x 8 KiB.
            #expect(run.engine.aggregateCount <= 2)
        }
        run.finish()
        #expect(run.summaries.count == 50 && run.summaries.allSatisfy { $0.count == 1 })
    }

    @Test("that come a little out of order are collected as well")
    func order() throws {
        var run = try Run(Self.minute)
        var records = Records()
        for time: UInt64 in [100, 99, 102, 101] { run.take(records.attempted(at: time * second)) }
        run.finish()
        #expect(run.summaries.map(\.count) == [3])
        #expect(run.summaries[0].lastBootNanoseconds == 102 * second && run.summaries[0].gaps.minimumNanoseconds == 0)
    }

    @Test("of two rules have each their own window")
    func windows() throws {
        var run = try Run(
            "[[rule]]\nname = 'long'\naction = 'aggregate'\nwindow = '10m'\nport = 1\n"
                + "[[rule]]\nname = 'short'\naction = 'aggregate'\nwindow = '1s'")
        var records = Records()
        for _ in 0..<2 {
            run.take(.attempted(records.attempt(at: 100 * second, port: 1)))
            run.take(.attempted(records.attempt(at: 100 * second, port: 2)))
        }
        #expect(run.engine.nextDeadline == 101 * second)
        run.expire(now: 101 * second)
        #expect(run.summaries.map(\.rule) == ["short"] && run.engine.nextDeadline == 700 * second)
    }
}
