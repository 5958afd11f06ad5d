public import Model

/// Writes events as comma-separated values (RFC 4180), one line each: for spreadsheets and `sort`.
///
/// Every text is in quotes; what could break a line or deceive whoever looks at it is written as `\xNN` or `\u{N}`; one that
/// would be a formula has an apostrophe before it.
public struct CSVWriter {
    /// Boot time to wall-clock time.
    public var clock: WallClock
    private let identifiers: RunIdentifiers
    /// What was rendered of processes.
    private var fragments = ProcessFragments()
    private let names: (UInt32) -> [UInt8]?

    /// Makes a writer for one run.
    ///
    /// - Parameter names: the name of a user id, nil when it has none.
    public init(context: RunContext, clock: WallClock, names: @escaping (UInt32) -> [UInt8]?) {
        self.clock = clock
        self.names = names
        identifiers = RunIdentifiers(context)
    }

    /// Appends the line with the columns' names.
    public static func writeHeader(into buffer: inout LineBuffer) {
        buffer.literal(
            """
            time,action,result,error,duration_ns,protocol,source_ip,source_port,destination,destination_port,\
            bytes_sent,bytes_received,packets_sent,packets_received,attempt_id,pid,process,user_id,user,executable,\
            arguments,sha256,container_id,unit,detail

            """)
    }

    /// Appends `event` as one line.
    public mutating func write(_ event: TraceEvent, into buffer: inout LineBuffer) {
        switch event {
        case .attempted(let event):
            let (attempt, attribution) = (event.attempt, event.attribution)
            begin(attempt.startedBootNanoseconds, "connection_attempted", into: &buffer)
            outcome(attempt, to: attempt.observedBootNanoseconds, into: &buffer)
            ends(attempt, into: &buffer)
            buffer.literal(",,,,")
            who(attempt, attribution, into: &buffer)
            detail(attempt.blocker?.sentence, into: &buffer)
        case .resolved(let event):
            let (attempt, attribution) = (event.attempt, event.attribution)
            begin(attempt.observedBootNanoseconds, "connection_resolved", into: &buffer)
            outcome(attempt, to: attempt.observedBootNanoseconds, into: &buffer)
            ends(attempt, into: &buffer)
            buffer.literal(",,,,")
            who(attempt, attribution, into: &buffer)
            detail(attempt.blocker?.sentence, into: &buffer)
        case .disconnected(let event): disconnected(event, into: &buffer)
        case .existing(let event):
            begin(event.attempt.observedBootNanoseconds, "connection_existing", into: &buffer)
            buffer.literal(",,")
            ends(event.attempt, into: &buffer)
            buffer.literal(",,,,")
            who(event.attempt, event.attribution, into: &buffer)
            detail(event.state.word, into: &buffer)
        case .aggregated(let event): aggregated(event, into: &buffer)
        case .started(let event): ofRun(event.bootNanoseconds, "tracing_started", into: &buffer) { _ in }
        case .stopped(let event):
            ofRun(event.bootNanoseconds, "tracing_stopped", into: &buffer) { $0.sentence(event.reason) }
        case .heartbeat(let event): ofRun(event.bootNanoseconds, "heartbeat", into: &buffer) { _ in }
        case .beacon(let event):
            begin(event.foundBootNanoseconds, "beacon_detected", into: &buffer)
            outcome(event.attempt, to: 0, into: &buffer)
            ends(event.attempt, into: &buffer)
            buffer.literal(",,,,")
            who(event.attempt, event.attribution, into: &buffer)
            quoted(Array(event.beacon.sentence.utf8), into: &buffer)
        case .lost(let event):
            ofRun(event.windowBootNanoseconds.upperBound, "events_lost", into: &buffer) { buffer in
                buffer.decimal(event.count)
                buffer.literal(" records: ")
                buffer.literal(event.cause.sentence)
            }
        }
        buffer.byte(UInt8(ascii: "\n"))
    }

    private mutating func disconnected(_ event: DisconnectEvent, into buffer: inout LineBuffer) {
        var attempt = event.attempt
        begin(event.endedBootNanoseconds, "disconnect_received", into: &buffer)
        if case .connection(let close) = event.traffic {
            if close.error != 0 { attempt.outcome = .failed(errno: close.error) }
            if attempt.source == nil { attempt.source = close.attempt.source }
        }
        outcome(attempt, to: event.endedBootNanoseconds, into: &buffer)
        ends(attempt, into: &buffer)
        switch event.traffic {
        case .connection(let close) where close.hasCounters:
            let numbers = [
                close.bytesSent, close.bytesReceived, UInt64(close.packetsSent), UInt64(close.packetsReceived),
            ]
            for number in numbers {
                buffer.byte(UInt8(ascii: ","))
                buffer.decimal(number)
            }
        case .connection: buffer.literal(",,,,")
        case .flow(let counters):
            buffer.byte(UInt8(ascii: ","))
            buffer.decimal(counters.bytes)
            buffer.literal(",,")
            buffer.decimal(counters.datagrams)
            buffer.byte(UInt8(ascii: ","))
        }
        who(attempt, event.attribution, into: &buffer)
        detail(nil, into: &buffer)
    }

    private mutating func aggregated(_ event: AggregateEvent, into buffer: inout LineBuffer) {
        begin(event.lastBootNanoseconds, "connection_aggregated", into: &buffer)
        var attempt = event.attempt
        attempt.startedBootNanoseconds = event.firstBootNanoseconds
        outcome(attempt, to: event.lastBootNanoseconds, into: &buffer)
        ends(attempt, into: &buffer)
        let volume = event.volume
        for number in [volume?.bytesSent, volume?.bytesReceived, volume?.packetsSent, volume?.packetsReceived] {
            buffer.byte(UInt8(ascii: ","))
            if let number { buffer.decimal(number) }
        }
        who(attempt, event.attribution, into: &buffer)
        buffer.literal(",\"")
        buffer.decimal(event.count)
        buffer.literal(" more of ")
        buffer.literal(event.kind.word)
        buffer.byte(UInt8(ascii: "\""))
    }
}

extension CSVWriter {
    private func begin(_ bootNanoseconds: UInt64, _ action: StaticString, into buffer: inout LineBuffer) {
        buffer.timestamp(bootNanoseconds, clock)
        buffer.byte(UInt8(ascii: ","))
        buffer.literal(action)
        buffer.byte(UInt8(ascii: ","))
    }

    /// Appends result, error and duration.
    private func outcome(_ attempt: Attempt, to end: UInt64, into buffer: inout LineBuffer) {
        buffer.literal(AttemptResult(attempt.outcome).word)
        buffer.byte(UInt8(ascii: ","))
        if case .failed(let number) = attempt.outcome { buffer.errorName(number) }
        buffer.byte(UInt8(ascii: ","))
        guard attempt.outcome != .pending, end >= attempt.startedBootNanoseconds else { return }
        buffer.decimal(end &- attempt.startedBootNanoseconds)
    }

    /// Appends the protocol and both ends.
    private func ends(_ attempt: Attempt, into buffer: inout LineBuffer) {
        buffer.byte(UInt8(ascii: ","))
        if attempt.destination.kind == .vsock {
            buffer.literal("vsock")
        } else if let word = attempt.transport.word {
            buffer.literal(word)
        } else {
            buffer.decimal(attempt.transport.ianaNumber)
        }
        buffer.byte(UInt8(ascii: ","))
        if let source = attempt.source, !source.address.isUnspecified { buffer.address(source.address) }
        buffer.byte(UInt8(ascii: ","))
        if let source = attempt.source, source.port != 0 { buffer.decimal(source.port) }
        buffer.byte(UInt8(ascii: ","))
        let destination = attempt.destination
        switch destination.kind {
        case .ip:
            buffer.address(destination.address)
            buffer.byte(UInt8(ascii: ","))
            if destination.port != 0 { buffer.decimal(destination.port) }
        case .link:
            buffer.hardwareAddress(destination.hardwareAddress)
            buffer.byte(UInt8(ascii: ","))
        case .vsock:
            buffer.decimal(destination.contextID)
            buffer.byte(UInt8(ascii: ","))
            buffer.decimal(destination.contextPort)
        }
    }

    /// Appends the attempt's id, the process, its user, its program and where it is.
    private mutating func who(_ attempt: Attempt, _ attribution: Attribution?, into buffer: inout LineBuffer) {
        buffer.byte(UInt8(ascii: ","))
        if attempt.id != 0 { identifiers.append(attempt: attempt.id, into: &buffer) }
        guard let attribution else {
            buffer.literal(",,,,,,,,,")
            return
        }
        let text = fragments.text(of: attempt, attribution) ?? render(attempt, attribution)
        text.appendProcess(into: &buffer)
    }

    /// Renders what is the same in all lines of a process, and keeps it.
    @inline(never)
    private mutating func render(_ attempt: Attempt, _ attribution: Attribution) -> ProcessText {
        var buffer = LineBuffer(capacity: 1024)
        let program = attribution.process.program
        buffer.byte(UInt8(ascii: ","))
        buffer.decimal(attempt.process.pid)
        quoted(program.name.bytes, into: &buffer)
        buffer.byte(UInt8(ascii: ","))
        buffer.decimal(attempt.userID)
        quoted(names(attempt.userID), into: &buffer)
        quoted(program.executable, into: &buffer)
        quoted(Array(program.arguments.joined(separator: [UInt8(ascii: " ")])), into: &buffer)
        buffer.byte(UInt8(ascii: ","))
        if let hash = attribution.file?.sha256 { buffer.hexadecimal(hash) }
        quoted(attribution.group?.container.map { Array($0.id.utf8) }, into: &buffer)
        quoted(attribution.group?.unit.map { Array($0.utf8) }, into: &buffer)
        let marks = ProcessText.Marks(
            process: buffer.count, thread: buffer.count, owner: buffer.count, hash: buffer.count, tattle: buffer.count)
        return fragments.keep(ProcessText(buffer, marks, of: attempt, attribution))
    }

    /// Appends a comma and a text in quotes; nothing but the comma where there is none.
    private func quoted(_ text: [UInt8]?, into buffer: inout LineBuffer) {
        buffer.byte(UInt8(ascii: ","))
        guard let text, !text.isEmpty else { return }
        buffer.byte(UInt8(ascii: "\""))
        // A spreadsheet would take it for a formula, in quotes or not: a program chooses its name and its arguments.
        if let first = text.first, Self.formulaSigns.contains(first) { buffer.byte(UInt8(ascii: "'")) }
        var index = 0
        while index < text.count {
            let (scalar, length) = decodeScalar(text, at: index)
            if text[index] == UInt8(ascii: "\"") { buffer.byte(UInt8(ascii: "\"")) }
            buffer.visible(text, index..<index + length, scalar)
            index += length
        }
        buffer.byte(UInt8(ascii: "\""))
    }

    private static let formulaSigns = Array("=+-@".utf8)

    private func detail(_ text: StaticString?, into buffer: inout LineBuffer) {
        buffer.byte(UInt8(ascii: ","))
        guard let text else { return }
        buffer.byte(UInt8(ascii: "\""))
        buffer.literal(text)
        buffer.byte(UInt8(ascii: "\""))
    }

    /// Appends a line that is about no attempt.
    private func ofRun(
        _ bootNanoseconds: UInt64, _ action: StaticString, into buffer: inout LineBuffer,
        detail: (inout LineBuffer) -> Void
    ) {
        begin(bootNanoseconds, action, into: &buffer)
        buffer.literal(",,,,,,,,,,,,,,,,,,,,,,\"")
        detail(&buffer)
        buffer.byte(UInt8(ascii: "\""))
    }
}
