import Model
import Rules
import Testing

@Suite("Rules")
struct EngineTests {
    /// Whether a drop rule of these conditions drops an attempt.
    private func drops(_ conditions: String, _ event: AttemptEvent) throws -> Bool {
        var run = try Run("[[rule]]\nname = 'a'\naction = 'drop'\n" + conditions)
        run.take(.attempted(event))
        return run.written.isEmpty
    }

    @Test(
        "compare the process",
        arguments: [
            ("executable = '/usr/bin/curl'", true), ("executable = ['/bin/sh', '/usr/**']", true),
            ("executable = '/usr/bin/wget'", false), ("user = 'ana'", true), ("user = [0, 1000]", true),
            ("user = 'root'", false), ("unit = 'docker-*.scope'", true), ("unit = '*.timer'", false),
            ("container = '0123456789ab'", true), ("container = '0123'", false), ("container = '0123*'", true),
            ("container = '*'", true), ("sha256 = '\(String(repeating: "7f", count: 32))'", true),
            ("sha256 = '\(String(repeating: "80", count: 32))'", false),
            ("user = 'ana'\nunit = 'docker-*.scope'", true), ("user = 'root'\nunit = 'docker-*.scope'", false),
        ])
    func process(conditions: String, expected: Bool) throws {
        let id = String(repeating: "0123456789abcdef", count: 4)
        var records = Records(Caller(sha256: 0x7f, place: "/system.slice/docker-\(id).scope"))
        let event = records.attempt(at: second)
        #expect(try drops(conditions, event) == expected)
    }

    @Test("that ask what is not known of a process are not met", arguments: ["unit", "container", "sha256"])
    func unknown(key: String) throws {
        var records = Records()
        let event = records.attempt(at: second)
        #expect(try !drops("\(key) = '\(key == "sha256" ? String(repeating: "00", count: 32) : "**")'", event))
    }

    @Test(
        "compare the attempt",
        arguments: [
            ("to = '203.0.113.0/24'", true), ("to = ['10.0.0.0/8', '203.0.113.9']", true), ("to = '::/0'", true),
            ("to = '198.51.100.0/24'", false), ("port = 443", true), ("port = ['1-442', '444-65535']", false),
            ("port = '400-500'", true), ("protocol = 'tcp'", true), ("protocol = 6", true),
            ("protocol = ['udp', 'sctp']", false), ("outcome = 'refused'", true), ("outcome = 'failure'", true),
            ("outcome = ['success', 'unknown']", false), ("port = 443\noutcome = 'timed_out'", false),
        ])
    func attempt(conditions: String, expected: Bool) throws {
        var records = Records()
        let event = records.attempt(at: second)
        #expect(try drops(conditions, event) == expected)
    }

    @Test("compare IP addresses and ports with those of IP only")
    func links() throws {
        var records = Records()
        var event = records.attempt(at: second)
        event.attempt.destination.kind = .link
        #expect(try !drops("to = '::/0'", event))
        #expect(try !drops("port = 443", event))
        #expect(try !drops("protocol = 'tcp'", event))
        event.attempt.destination.kind = .vsock
        #expect(try drops("protocol = 'vsock'", event))
    }

    @Test("are asked in their order: the first that is met decides")
    func order() throws {
        var run = try Run(
            """
            [[rule]]
            name = "keep refused"
            action = "keep"
            outcome = "refused"
            [[rule]]
            name = "drop all there"
            action = "drop"
            to = "203.0.113.0/24"
            """)
        var records = Records()
        run.take(records.attempted(at: second))
        run.take(records.attempted(at: second, .established))
        run.take(.attempted(records.attempt(at: second, to: "192.0.2.1", .tcp, .established)))
        #expect(run.written.count == 2)
        #expect(run.engine.counts.map(\.matched) == [1, 1] && run.engine.counts.map(\.withheld) == [0, 1])
        #expect(run.engine.withheldAttempts == 1)
    }

    @Test("see each record by itself, ends and late outcomes too")
    func kinds() throws {
        var run = try Run("[[rule]]\nname = 'a'\naction = 'drop'\noutcome = ['established', 'refused']")
        var records = Records()
        run.take(records.attempted(at: second, .pending))
        run.take(.resolved(records.attempt(at: second)))
        run.take(records.closed(at: 3 * second, sent: 1))
        #expect(run.written.count == 1)
        #expect(run.engine.counts[0].withheld == 2 && run.engine.counts[0].withheldAttempts == 0)
    }

    @Test("of a program are looked up once: what one process meets, the next of that program does, and no other")
    func remembered() throws {
        var run = try Run("[[rule]]\nname = 'a'\naction = 'drop'\nexecutable = '/usr/bin/curl'\nuser = 'ana'")
        var records = [
            Records(), Records(Caller(path: "/usr/bin/wget")), Records(Caller(userID: 0)), Records(Caller(sha256: 1)),
        ]
        for _ in 0..<3 { for index in records.indices { run.take(records[index].attempted(at: second)) } }
        #expect(run.engine.counts[0].withheld == 6)
        // Objects that live on, as those of one process do.
        let event = records[0].attempt(at: second)
        var other = event
        other.attempt.userID = 0
        for _ in 0..<3 {
            run.take(.attempted(event))
            run.take(.attempted(other))
        }
        #expect(run.engine.counts[0].withheld == 9)
    }

    @Test("let pass what tells of the run, whatever they say")
    func run() throws {
        var run = try Run(
            "[[rule]]\nname = 'a'\naction = 'drop'\nto = '::/0'\n[[rule]]\nname = 'b'\naction = 'sample'\none-in = 1000000"
        )
        let events: [TraceEvent] = [
            .started(
                TracingStarted(
                    hookSet: "", hooks: [], refused: [], blindSpots: [], filters: [], ringBytes: 0,
                    settleNanoseconds: 0,
                    command: [], knownProcesses: 0, bootNanoseconds: 0)),
            .lost(
                LossEvent(
                    cause: .ringFull, count: 1, attempts: 1, processRecords: 0, hook: nil, windowBootNanoseconds: 0...1)
            ),
            .heartbeat(
                Heartbeat(
                    bootNanoseconds: 0, previousBootNanoseconds: 0, isFinal: false, totals: Totals(),
                    use: ResourceUse(),
                    isReconciled: false, namespaces: [], omittedNamespaces: 0)),
            .stopped(TracingStopped(reason: .durationElapsed, totals: Totals(), bootNanoseconds: 0)),
        ]
        for event in events { run.take(event) }
        #expect(run.written.count == events.count && run.engine.counts.allSatisfy { $0.matched == 0 })
    }

    @Test("sample the same records each time, and about one in so many")
    func sample() throws {
        var written: [[UInt64]] = []
        for _ in 0..<2 {
            var run = try Run("[[rule]]\nname = 'a'\naction = 'sample'\none-in = 10")
            var records = Records()
            for _ in 0..<10_000 { run.take(records.attempted(at: second)) }
            written.append(
                run.written.compactMap { if case .attempted(let event) = $0 { event.attempt.id } else { nil } })
            #expect(run.engine.counts[0].withheld == 10_000 - UInt64(run.written.count))
        }
        #expect(written[0] == written[1])
        // Of a fair draw 99.9999 in 100 are within five deviations of 30.
        #expect((850...1150).contains(written[0].count), "\(written[0].count)")
    }

    @Test("that sample keep the records of one attempt together")
    func together() throws {
        var run = try Run("[[rule]]\nname = 'a'\naction = 'sample'\none-in = 3")
        var records = Records()
        var ids: [Set<UInt64>] = [[], []]
        for _ in 0..<100 {
            let event = records.attempt(at: second)
            let before = run.written.count
            run.take(.attempted(event))
            if run.written.count > before { ids[0].insert(event.attempt.id) }
            run.take(.resolved(event))
            if case .resolved(let last)? = run.written.last, last.attempt.id == event.attempt.id {
                ids[1].insert(event.attempt.id)
            }
        }
        #expect(ids[0] == ids[1] && !ids[0].isEmpty && ids[0].count < 100)
    }

    @Test("drop, keep and sample sockets that were there before, and never collapse them")
    func existing() throws {
        var records = Records()
        let event = records.attempt(at: second)
        let existing = TraceEvent.existing(
            ExistingEvent(
                attempt: event.attempt, attribution: nil, otherOwners: 0, direction: .ingress, state: .established,
                inode: 5))
        var dropping = try Run("[[rule]]\nname = 'a'\naction = 'drop'\nto = '203.0.113.9'")
        dropping.take(existing)
        #expect(dropping.written.isEmpty)
        var byUser = try Run("[[rule]]\nname = 'a'\naction = 'drop'\nuser = 'ana'")
        byUser.take(existing)
        #expect(byUser.written.count == 1)
        var collapsing = try Run("[[rule]]\nname = 'a'\naction = 'aggregate'")
        for _ in 0..<3 { collapsing.take(existing) }
        collapsing.finish()
        #expect(collapsing.written.count == 3 && collapsing.engine.counts[0].matched == 3)
    }
}
