import Model
import Records

/// Any bytes as what the kernel tells of a process: names, paths, arguments, numbers.
enum WriterFuzz {
    private static let run = RunContext(
        machineID: "0123456789abcdef0123456789abcdef", hostName: "web-1", kernelRelease: "6.12", architecture: "x86_64",
        operatingSystem: nil, bootID: "b", version: "0", runID: "r", hookSet: "trampoline")

    static func run(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func number() -> UInt64 {
            defer { rest = rest.dropFirst(8) }
            return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        func text() -> [UInt8] {
            // Up to the byte that the fuzzer finds as easily as any other, so that texts may be long.
            let text = rest.prefix { $0 != 0xfe }
            rest = rest.dropFirst(text.count + 1)
            return Array(text)
        }
        let (bits, id, time) = (number(), number(), number())
        let program = Program(
            name: ThreadName(text()), path: Array(text().prefix(4096)), folder: Array(text().prefix(4096)),
            script: Array(text().prefix(4096)), variables: text(), arguments: text(),
            argumentsTotalBytes: bits & 1 == 0 ? nil : Int(id >> 1), mode: UInt16(truncatingIfNeeded: bits >> 8),
            stamp: FileStamp(device: id, inode: time))
        let identity = ProcessIdentity(pid: UInt32(truncatingIfNeeded: id), startBootNanoseconds: time)
        var facts: ProcessFacts?
        for _ in 0...(bits >> 4 & 31) {
            facts = ProcessFacts(identity: identity, parent: facts, program: program, source: .kernel)
        }
        guard let facts else { return }
        let group = ControlGroup(id: id, path: text())
        let address = IPAddress(mappedHigh: id & bits, low: time)
        let kind = Endpoint.Kind(rawValue: UInt8(bits >> 16 & 3)) ?? .ip
        let outcomes: [Outcome] = [
            .pending, .established, .sent, .aborted, .failed(errno: Int32(truncatingIfNeeded: id)),
        ]
        let attempt = Attempt(
            id: id, reference: RecordReference(cpu: 1, hook: 2, sequence: time), phase: .whole,
            startedBootNanoseconds: time, observedBootNanoseconds: id, process: identity,
            threadID: identity.pid, threadName: ThreadName(text()), userID: UInt32(truncatingIfNeeded: bits),
            capabilities: bits, networkNamespace: UInt32(truncatingIfNeeded: time), cgroupID: id,
            transport: Transport(socketProtocol: UInt16(truncatingIfNeeded: bits >> 24)),
            destination: Endpoint(
                address: address, port: UInt16(truncatingIfNeeded: time), scope: UInt32(truncatingIfNeeded: id),
                kind: kind),
            source: bits & 2 == 0 ? nil : Endpoint(address: address, port: UInt16(truncatingIfNeeded: id)),
            outcome: outcomes[Int(bits >> 20 & 7) % outcomes.count], bytes: UInt32(truncatingIfNeeded: id))
        let attribution = Attribution(process: facts, group: group)
        let event = AttemptEvent(attempt: attempt, attribution: attribution)
        let close = ConnectionClose(
            attempt: attempt, establishedBootNanoseconds: id, bytesSent: id, bytesReceived: time, packetsSent: .max,
            packetsReceived: 0, retransmits: 1, error: Int32(truncatingIfNeeded: bits))
        let end = DisconnectEvent(
            attempt: attempt, attribution: attribution, endedBootNanoseconds: time, traffic: .connection(close))
        let clock = WallClock(offsetNanoseconds: Int64(bitPattern: bits))
        for event in [TraceEvent.attempted(event), .resolved(event), .disconnected(end)] {
            Checked.write(event, run, clock, isOwn: true)
        }
    }
}
