internal import CProbes
internal import Capture
internal import Model
internal import Testing

private func decode(_ record: [UInt8]) -> Observation? { unsafe Decoder().decode(record.span.bytes) }

private func decodeAttempt(_ raw: tattle_attempt) throws -> Attempt {
    guard case .attempt(let attempt) = decode(bytes(raw)) else { throw NotAnAttempt() }
    return attempt
}

private struct NotAnAttempt: Error {}

@Suite struct DecoderTests {
    @Test func readsEveryFieldOfAnAttempt() throws {
        let attempt = try decodeAttempt(attemptRecord())
        #expect(attempt.id == 77)
        #expect(attempt.reference == RecordReference(cpu: 1, hook: 2, sequence: 7))
        #expect(attempt.phase == .whole)
        #expect(attempt.startedBootNanoseconds == 1_000 && attempt.observedBootNanoseconds == 2_000)
        #expect(attempt.process == ProcessIdentity(pid: 42, startBootNanoseconds: 500))
        #expect(attempt.threadID == 43 && attempt.threadName.bytes == Array("curl".utf8))
        #expect(attempt.userID == 1000 && attempt.networkNamespace == 4_026_531_840 && attempt.cgroupID == 9)
        #expect(attempt.transport == .tcp)
        #expect(attempt.destination == Endpoint(address: .v4(0xcb00_7109), port: 443))
        #expect(attempt.source == Endpoint(address: .v4(0xc000_0207), port: 50122))
        #expect(attempt.outcome == .failed(errno: 111))
        #expect(attempt.via == .syscall && attempt.blocker == nil && !attempt.isKernelThread)
    }

    @Test func aSourceThatIsAllZeroIsNotKnown() throws {
        var raw = attemptRecord()
        raw.source = mapped(0, 0, 0, 0)
        raw.source_port_be = 0
        #expect(try decodeAttempt(raw).source == nil)
    }

    @Test(arguments: [(Int32(101), Blocker?.some(.route)), (113, .route), (100, .route), (111, nil), (22, nil)])
    func aFailureBeforeAnySYNIsTheRoutingTables(error: Int32, blocker: Blocker?) throws {
        var raw = attemptRecord()
        raw.flags = 0
        raw.error = error
        #expect(try decodeAttempt(raw).blocker == blocker)
    }

    @Test func hostUnreachableAfterASYNIsNotTheRoutingTables() throws {
        var raw = attemptRecord()
        raw.error = 113
        #expect(try decodeAttempt(raw).blocker == nil)
    }

    @Test(arguments: [UInt8(0), 9, 255])
    func anUnknownPhaseOrOutcomeIsNotGuessed(value: UInt8) {
        var raw = attemptRecord()
        raw.outcome = max(value, 9)
        #expect(decode(bytes(raw)) == nil)
        raw = attemptRecord()
        raw.phase = max(value, 9)
        #expect(decode(bytes(raw)) == nil)
    }

    @Test func aPathIsTurnedRound() throws {
        let record = execRecord(path: Array("curl\0bin\0usr\0".utf8), arguments: Array("curl\0-s\0\0x\0".utf8))
        guard case .exec(let facts) = decode(record) else { throw NotAnAttempt() }
        #expect(facts.executable == Array("/usr/bin/curl".utf8))
        #expect(facts.arguments == ["curl", "-s", "", "x"].map { Array($0.utf8) })
        #expect(!facts.areArgumentsTruncated && facts.argumentsTotalBytes == 11)
        #expect(facts.parentIdentity == ProcessIdentity(pid: 41, startBootNanoseconds: 400))
        #expect(facts.userID == 1000 && facts.groupID == 1001 && facts.loginUserID == nil)
        #expect(facts.source == .kernel)
    }

    @Test func argumentsThatWereCutSaySo() throws {
        guard case .exec(let facts) = decode(execRecord(path: [], arguments: Array("abc".utf8), total: 5_000)) else {
            throw NotAnAttempt()
        }
        #expect(facts.areArgumentsTruncated && facts.argumentsTotalBytes == 5_000)
        #expect(facts.executable == nil)
    }

    @Test func lengthsThatContradictEachOtherAreRefused() {
        let record = execRecord(path: Array("a\0".utf8), arguments: Array("b\0".utf8))
        #expect(decode(Array(record.dropLast())) == nil)
        #expect(decode(record + [0]) == nil)
        #expect(decode(Array(bytes(attemptRecord()).dropLast(8))) == nil)
        #expect(decode([]) == nil && decode([1, 2, 3]) == nil)
        var raw = attemptRecord()
        raw.header.type = 200
        #expect(decode(bytes(raw)) == nil)
    }

    @Test func forkExitAndFlowEnd() throws {
        var fork = tattle_fork()
        fork.header = header(TATTLE_RECORD_FORK, length: MemoryLayout<tattle_fork>.size)
        fork.pid = 9
        fork.start_boot_ns = 90
        fork.parent_pid = 8
        fork.parent_start_boot_ns = 80
        fork.forker_pid = 7
        fork.forker_start_boot_ns = 70
        guard case .fork(let forked) = decode(bytes(fork)) else { throw NotAnAttempt() }
        #expect(forked.child == ProcessIdentity(pid: 9, startBootNanoseconds: 90))
        #expect(forked.parent == ProcessIdentity(pid: 8, startBootNanoseconds: 80))
        #expect(forked.forker == ProcessIdentity(pid: 7, startBootNanoseconds: 70))
        var end = tattle_flow_end()
        end.header = header(TATTLE_RECORD_FLOW_END, length: MemoryLayout<tattle_flow_end>.size)
        end.socket_generation = 5
        end.flow.datagrams = 3
        end.flow.gap_max_ns = 4
        end.socket_died = 1
        guard case .flowEnd(let ended) = decode(bytes(end)) else { throw NotAnAttempt() }
        #expect(ended.hasSocketDied && ended.counters.datagrams == 3 && ended.counters.gapMaximumNanoseconds == 4)
    }

    /// Whatever bytes come, the answer is a value or nil.
    @Test func anyBytesAreReadOrRefused() {
        var random = Xorshift(state: 0x1234_5678_9abc_def1)
        for round in 0..<20_000 {
            var record = round % 3 == 0 ? execRecord(path: Array("a\0".utf8), arguments: []) : bytes(attemptRecord())
            for _ in 0..<(1 + random.next() % 8) {
                record[Int(random.next() % UInt64(record.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() % 4 == 0 { record.removeLast(Int(random.next() % UInt64(record.count))) }
            _ = decode(record)
        }
    }
}

/// Marsaglia's xorshift64: the same numbers each time.
private struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
