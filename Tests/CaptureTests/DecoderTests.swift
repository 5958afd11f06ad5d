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
    /// What ``Decoder/withAttempt(in:_:)`` hands over; nil: the record is none of an attempt's.
    private func handedOver(_ record: [UInt8]) -> Attempt? {
        var attempt: Attempt?
        let isAttempt = unsafe Decoder().withAttempt(in: record.span.bytes) { attempt = $0 }
        return isAttempt ? attempt : nil
    }

    @Test func anAttemptIsHandedOverAndNothingElse() throws {
        let attempt = try #require(handedOver(bytes(attemptRecord())))
        #expect("\(attempt)" == "\(try decodeAttempt(attemptRecord()))")
        var raw = attemptRecord()
        raw.header.type = UInt8(TATTLE_RECORD_CLOSE.rawValue)
        #expect(handedOver(bytes(raw)) == nil)
        raw = attemptRecord()
        raw.phase = 99
        #expect(handedOver(bytes(raw)) == nil)
        #expect(handedOver(Array(bytes(attemptRecord()).dropLast(8))) == nil)
        #expect(handedOver([]) == nil)
    }

    @Test func readsEveryFieldOfAnAttempt() throws {
        let attempt = try decodeAttempt(attemptRecord())
        #expect(attempt.id == 77)
        #expect(attempt.reference == RecordReference(cpu: 1, hook: 2, sequence: 7))
        #expect(attempt.phase == .whole)
        #expect(attempt.startedBootNanoseconds == 1_000 && attempt.observedBootNanoseconds == 2_000)
        #expect(attempt.process == ProcessIdentity(pid: 42, startBootNanoseconds: 500))
        #expect(attempt.threadID == 43 && attempt.threadName.bytes == Array("curl".utf8))
        #expect(attempt.effectiveUserID == 0 && attempt.effectiveGroupID == 7 && attempt.execID == 6)
        #expect(attempt.capabilities == 8 && attempt.isExecutableDeleted && !attempt.isTraced)
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

    @Test func aNetworksOwnBroadcastAddressIsSaidToBeOne() throws {
        var raw = attemptRecord()
        #expect(try !decodeAttempt(raw).isNetworkBroadcast)
        raw.flags |= UInt8(TATTLE_FLAG_BROADCAST.rawValue)
        #expect(try decodeAttempt(raw).isNetworkBroadcast)
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

    @Test func readsEveryFieldOfAnExec() throws {
        let texts = ExecTexts(
            path: Array("curl\0bin\0usr\0".utf8), folder: Array("ana\0home\0".utf8), script: Array("./x.sh\0".utf8),
            variables: Array("LD_PRELOAD=/a.so\0LD_PRELOADED=no\0".utf8), arguments: Array("curl\0-s\0\0x\0".utf8))
        let record = execRecord(texts, flags: TATTLE_EXEC_DELETED.rawValue | TATTLE_EXEC_TRACED.rawValue)
        let decoder = Decoder(variables: ["LD_PRELOAD"])
        guard case .exec(let facts)? = unsafe decoder.decode(record.span.bytes) else { throw NotAnAttempt() }
        let program = facts.program
        #expect(program.executable == Array("/usr/bin/curl".utf8) && program.workingFolder == Array("/home/ana".utf8))
        #expect(program.script == Array("/home/ana/x.sh".utf8))
        // Eight bytes are alike, the name is not.
        #expect(program.variables == [Array("LD_PRELOAD=/a.so".utf8)])
        #expect(program.arguments == ["curl", "-s", "", "x"].map { Array($0.utf8) })
        #expect(!program.areArgumentsCut && program.argumentsTotalBytes == 11)
        #expect(program.marks == [.deleted] && program.mode == 0o104755)
        #expect(
            program.stamp
                == FileStamp(
                    device: 8 << 20 | 1, inode: 12, size: 13, modifiedNanoseconds: 14, changedNanoseconds: 15))
        #expect(facts.parentIdentity == ProcessIdentity(pid: 41, startBootNanoseconds: 400))
        #expect(
            facts.surroundings.credentials
                == Credentials(
                    userID: 1000, effectiveUserID: 0, groupID: 1001, effectiveGroupID: 1002, capabilities: 1 << 13))
        #expect(
            facts.surroundings.namespaces == Namespaces(network: 21, pid: 22, mount: 23, user: 24)
                && facts.namespacePID == 2)
        #expect(
            facts.surroundings.sessionLeader?.identity.pid == 40 && facts.surroundings.terminal == 136 << 20 | 3
                && facts.execID == 6)
        #expect(facts.isTraced && facts.source == .kernel)
    }

    @Test func aFileInNoFolderKeepsItsName() throws {
        let texts = ExecTexts(path: Array("memfd:x\0".utf8))
        guard case .exec(let facts) = decode(execRecord(texts, flags: TATTLE_EXEC_NO_FOLDER.rawValue)) else {
            throw NotAnAttempt()
        }
        #expect(facts.program.executable == Array("memfd:x".utf8) && facts.program.marks == [.memfd])
        // No component: the working folder is the root.
        #expect(facts.program.workingFolder == Array("/".utf8) && facts.program.script == nil)
    }

    @Test func argumentsThatWereCutSaySo() throws {
        guard case .exec(let facts) = decode(execRecord(ExecTexts(arguments: Array("abc".utf8)), total: 5_000)) else {
            throw NotAnAttempt()
        }
        #expect(facts.program.areArgumentsCut && facts.program.argumentsTotalBytes == 5_000)
        #expect(facts.program.executable == nil)
    }

    @Test func aControlGroupComesAndGoes() throws {
        var raw = tattle_cgroup()
        let path = Array("/system.slice/a.service".utf8)
        raw.header = header(TATTLE_RECORD_CGROUP, length: MemoryLayout<tattle_cgroup>.size + path.count, hook: 19)
        raw.cgroup_id = 77
        raw.is_removed = 1
        raw.path_length = UInt32(path.count)
        guard case .controlGroup(let change) = decode(bytes(raw, path)) else { throw NotAnAttempt() }
        #expect(change.id == 77 && change.path == path && change.isRemoved)
        #expect(decode(Array(bytes(raw, path).dropLast())) == nil)
    }

    @Test func lengthsThatContradictEachOtherAreRefused() {
        let record = execRecord(ExecTexts(path: Array("a\0".utf8), arguments: Array("b\0".utf8)))
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
        fork.vpid = 2
        fork.pidns_inode = 3
        fork.exec_id = 4
        guard case .fork(let forked) = decode(bytes(fork)) else { throw NotAnAttempt() }
        #expect(forked.child == ProcessIdentity(pid: 9, startBootNanoseconds: 90))
        #expect(forked.parent == ProcessIdentity(pid: 8, startBootNanoseconds: 80))
        #expect(forked.forker == ProcessIdentity(pid: 7, startBootNanoseconds: 70))
        #expect(forked.namespacePID == 2 && forked.namespaces.pid == 3 && forked.execID == 4)
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
            var record = round % 3 == 0 ? execRecord(ExecTexts(path: Array("a\0".utf8))) : bytes(attemptRecord())
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
