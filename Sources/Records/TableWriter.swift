public import Model

/// Writes events as lines for a person at a terminal, one each, in columns.
///
/// Nothing that a process chose reaches the terminal as it is: control characters, what is
/// not UTF-8, and invisible or direction-changing characters are shown escaped.
public struct TableWriter {
    /// Boot time to wall-clock time; the caller refreshes its offset.
    public var clock: WallClock
    /// How far local time is ahead of UTC, seconds.
    public var utcOffsetSeconds: Int32
    /// Columns of the terminal, to which lines are cut; nil: they are as long as they are.
    public var width: Int?
    /// Whether lines are coloured: red failed, yellow without an answer, dim at the end of a connection.
    public var usesColor: Bool
    /// Whether heartbeats are shown even if nothing is missing.
    public var showsHeartbeats = false
    let names: (UInt32) -> [UInt8]?

    /// Where the columns begin; the command follows the last one.
    enum Column {
        static let pid = 14
        static let process = 22
        static let user = 39
        static let transport = 49
        static let destination = 55
        static let result = 83
        static let command = 112
    }

    /// Makes a writer.
    /// - Parameters:
    ///   - clock: boot time to wall-clock time.
    ///   - utcOffsetSeconds: how far local time is ahead of UTC.
    ///   - width: columns to which lines are cut; nil: not at all.
    ///   - usesColor: whether to send colours.
    ///   - names: the name of a user id, nil when it has none; asked for each line.
    public init(
        clock: WallClock, utcOffsetSeconds: Int32, width: Int?, usesColor: Bool,
        names: @escaping (UInt32) -> [UInt8]?
    ) {
        self.clock = clock
        self.utcOffsetSeconds = utcOffsetSeconds
        self.width = width
        self.usesColor = usesColor
        self.names = names
    }

    /// Appends the line with the columns' names.
    public func writeHeader(into buffer: inout LineBuffer) {
        var line = TableLine(width: width)
        let titles: [(Int, StaticString)] = [
            (0, "TIME"), (Column.pid, "    PID"), (Column.process, "PROCESS"), (Column.user, "USER"),
            (Column.transport, "PROTO"), (Column.destination, "DESTINATION"), (Column.result, "RESULT"),
            (Column.command, "COMMAND"),
        ]
        for (column, title) in titles {
            line.advance(to: column, in: &buffer)
            line.literal(title, in: &buffer)
        }
        buffer.byte(UInt8(ascii: "\n"))
    }

    /// Appends `event` as one line.
    public func write(_ event: TraceEvent, into buffer: inout LineBuffer) {
        switch event {
        case .attempted(let event):
            row(event.attempt, event.attribution, at: event.attempt.startedBootNanoseconds, into: &buffer) {
                attempted(event.attempt, in: &$0, &$1)
            }
        case .resolved(let event):
            row(event.attempt, event.attribution, at: event.attempt.observedBootNanoseconds, into: &buffer) {
                resolved(event.attempt, in: &$0, &$1)
            }
        case .disconnected(let event):
            row(event.attempt, event.attribution, at: event.endedBootNanoseconds, isEnd: true, into: &buffer) {
                disconnected(event, in: &$0, &$1)
            }
        case .started(let event): started(event, into: &buffer)
        case .existing(let event):
            row(event.attempt, event.attribution, at: event.attempt.observedBootNanoseconds, into: &buffer) {
                existing(event, in: &$0, &$1)
            }
        case .aggregated(let event):
            row(
                event.attempt, event.attribution, at: event.lastBootNanoseconds, isEnd: event.kind == .disconnected,
                into: &buffer
            ) { aggregated(event, in: &$0, &$1) }
        case .beacon(let event): beacon(event, into: &buffer)
        case .lost(let event): lost(event, into: &buffer)
        case .heartbeat(let event): heartbeat(event, into: &buffer)
        case .stopped(let event): stopped(event, into: &buffer)
        }
    }

    private func row(
        _ attempt: Attempt, _ attribution: Attribution?, at bootNanoseconds: UInt64, isEnd: Bool = false,
        into buffer: inout LineBuffer, result: (inout TableLine, inout LineBuffer) -> Void
    ) {
        let color = usesColor ? Self.color(attempt, isEnd: isEnd) : nil
        if let color { buffer.literal(color) }
        var line = TableLine(width: width)
        time(bootNanoseconds, in: &line, &buffer)
        if let attribution { person(attempt, attribution, in: &line, &buffer) }
        line.advance(to: Column.transport, in: &buffer)
        transport(attempt, in: &line, &buffer)
        line.advance(to: Column.destination, in: &buffer)
        line.endpoint(attempt.destination, in: &buffer)
        line.advance(to: Column.result, in: &buffer)
        result(&line, &buffer)
        if let attribution {
            line.advance(to: Column.command, in: &buffer)
            command(attribution.process.program, in: &line, &buffer)
        }
        if color != nil { buffer.literal("\u{1b}[0m") }
        buffer.byte(UInt8(ascii: "\n"))
    }

    private func person(
        _ attempt: Attempt, _ attribution: Attribution, in line: inout TableLine, _ buffer: inout LineBuffer
    ) {
        line.advance(to: Column.pid, in: &buffer)
        line.number(UInt64(attempt.process.pid), padding: 7, in: &buffer)
        line.advance(to: Column.process, in: &buffer)
        process(attempt, attribution.process, in: &line, &buffer)
        line.advance(to: Column.user, in: &buffer)
        if let name = names(attempt.userID) {
            line.text(name, until: Column.transport - 1, in: &buffer)
        } else {
            line.number(UInt64(attempt.userID), in: &buffer)
        }
    }

    private static func color(_ attempt: Attempt, isEnd: Bool) -> StaticString? {
        if isEnd { return "\u{1b}[2m" }
        return switch attempt.outcome {
        case .failed: "\u{1b}[31m"
        case .pending, .aborted: "\u{1b}[33m"
        case .established, .sent: nil
        }
    }

    private func process(
        _ attempt: Attempt, _ facts: ProcessFacts, in line: inout TableLine, _ buffer: inout LineBuffer
    ) {
        let thread = attempt.threadName.bytes
        let name = facts.program.name.low == 0 ? thread : facts.program.name.bytes
        line.text(name, until: Column.user - 1, in: &buffer)
        if thread != name, !thread.isEmpty {
            line.literal("/", in: &buffer)
            line.text(thread, until: Column.user - 1, in: &buffer)
        }
    }

    private func transport(_ attempt: Attempt, in line: inout TableLine, _ buffer: inout LineBuffer) {
        switch attempt.transport {
        case .tcp: line.literal("tcp", in: &buffer)
        case .udp: line.literal("udp", in: &buffer)
        case .udpLite: line.literal("udpl", in: &buffer)
        case .other(58): line.literal("icmp6", in: &buffer)
        case .other where attempt.destination.kind == .vsock: line.literal("vsock", in: &buffer)
        case .other where attempt.destination.kind == .link:
            let type = attempt.destination.etherType
            line.text(Array((type == 0x0806 ? "arp" : String(type, radix: 16)).utf8), in: &buffer)
        case .other(let number):
            if let name = transportName(number) {
                line.literal(name, in: &buffer)
            } else {
                line.number(UInt64(number), in: &buffer)
            }
        }
    }

    private func command(_ program: Program, in line: inout TableLine, _ buffer: inout LineBuffer) {
        let arguments = program.arguments
        guard !arguments.isEmpty else {
            if let path = program.executable { line.text(path, in: &buffer) }
            return
        }
        for (index, argument) in arguments.enumerated() where !line.isFull {
            if index > 0 { line.literal(" ", in: &buffer) }
            let isQuoted = argument.isEmpty || argument.contains(UInt8(ascii: " "))
            if isQuoted { line.literal("'", in: &buffer) }
            line.text(argument, in: &buffer)
            if isQuoted { line.literal("'", in: &buffer) }
        }
        if program.areArgumentsCut { line.literal(" …", in: &buffer) }
    }
}
