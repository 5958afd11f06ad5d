import Model

extension TableWriter {
    func attempted(_ attempt: Attempt, in line: inout TableLine, _ buffer: inout LineBuffer) {
        if attempt.outcome == .pending {
            line.literal("waiting … ", in: &buffer)
            reference(attempt.id, in: &line, &buffer)
        } else {
            outcome(attempt, in: &line, &buffer)
        }
    }

    /// Says which attempt it belongs to, in front, where the eye looks.
    func resolved(_ attempt: Attempt, in line: inout TableLine, _ buffer: inout LineBuffer) {
        reference(attempt.id, in: &line, &buffer)
        line.literal(" ", in: &buffer)
        outcome(attempt, in: &line, &buffer)
        if case .failed = attempt.outcome {
            latency(attempt, after: " ", in: &line, &buffer)
        }
    }

    func disconnected(_ event: DisconnectEvent, in line: inout TableLine, _ buffer: inout LineBuffer) {
        switch event.traffic {
        case .connection(let close):
            line.literal("closed ", in: &buffer)
            let established = close.establishedBootNanoseconds
            let begun = established != 0 ? established : event.attempt.startedBootNanoseconds
            duration(from: begun, to: event.endedBootNanoseconds, in: &line, &buffer)
            guard close.hasCounters else { return }
            line.literal(", ", in: &buffer)
            size(close.bytesSent, in: &line, &buffer)
            line.literal(" out, ", in: &buffer)
            size(close.bytesReceived, in: &line, &buffer)
            line.literal(" in", in: &buffer)
        case .flow(let counters):
            line.literal("ended ", in: &buffer)
            duration(from: counters.firstBootNanoseconds, to: event.endedBootNanoseconds, in: &line, &buffer)
            line.literal(", ", in: &buffer)
            line.number(counters.datagrams, in: &buffer)
            line.literal(" sent, ", in: &buffer)
            size(counters.bytes, in: &line, &buffer)
        }
    }

    /// What is open already, and what is not as usual of it.
    func existing(_ event: ExistingEvent, in line: inout TableLine, _ buffer: inout LineBuffer) {
        line.literal(event.direction == .ingress ? "open, from there" : "open", in: &buffer)
        if event.state != .established {
            line.literal(", ", in: &buffer)
            line.literal(event.state.word, in: &buffer)
        }
        guard event.otherOwners > 0 else { return }
        line.literal(", ", in: &buffer)
        line.number(UInt64(event.otherOwners), in: &buffer)
        line.literal(event.otherOwners == 1 ? " more owner" : " more owners", in: &buffer)
    }

    /// How many more, in which time, and what became of each.
    func aggregated(_ event: AggregateEvent, in line: inout TableLine, _ buffer: inout LineBuffer) {
        line.number(event.count, in: &buffer)
        line.literal(" more in ", in: &buffer)
        duration(from: event.firstBootNanoseconds, to: event.lastBootNanoseconds, in: &line, &buffer)
        line.literal(event.kind == .disconnected ? ": ended" : ": ", in: &buffer)
        if event.kind == .disconnected {
            guard case .failed = event.attempt.outcome else { return }
            line.literal(" by ", in: &buffer)
        }
        // Each took its own time.
        outcome(event.attempt, showsLatency: false, in: &line, &buffer)
    }

    private func outcome(
        _ attempt: Attempt, showsLatency: Bool = true, in line: inout TableLine, _ buffer: inout LineBuffer
    ) {
        switch AttemptResult(attempt.outcome) {
        case .pending: line.literal("waiting …", in: &buffer)
        case .sent: line.literal("sent", in: &buffer)
        case .established:
            line.literal("established", in: &buffer)
            if showsLatency { latency(attempt, after: " ", in: &line, &buffer) }
        case .aborted:
            line.literal("aborted", in: &buffer)
            if showsLatency { latency(attempt, after: " ", in: &line, &buffer) }
        case .timedOut: line.literal("timed out", in: &buffer)
        case let result: line.literal(result.word, in: &buffer)
        }
        guard case .failed(let number) = attempt.outcome else { return }
        line.literal(" ", in: &buffer)
        if let (name, _) = ErrorNumber.entry(number) {
            line.literal(name, in: &buffer)
        } else {
            line.literal("errno ", in: &buffer)
            line.number(UInt64(number.magnitude), in: &buffer)
        }
    }

    private func latency(
        _ attempt: Attempt, after space: StaticString, in line: inout TableLine, _ buffer: inout LineBuffer
    ) {
        line.literal(space, in: &buffer)
        duration(from: attempt.startedBootNanoseconds, to: attempt.observedBootNanoseconds, in: &line, &buffer)
    }

    /// Appends `#` and the attempt's id, in 36 digits because it is for the eye.
    private func reference(_ id: UInt64, in line: inout TableLine, _ buffer: inout LineBuffer) {
        line.literal("#", in: &buffer)
        line.text(Array(String(id, radix: 36).utf8), in: &buffer)
    }

    /// Appends the local time of day: `10:00:00.123`.
    func time(_ bootNanoseconds: UInt64, in line: inout TableLine, _ buffer: inout LineBuffer) {
        let milliseconds = Int64(clamping: clock.unixNanoseconds(bootNanoseconds) / 1_000_000)
        let local = max(milliseconds + Int64(utcOffsetSeconds) * 1000, 0)
        let ofDay = UInt32(local % 86_400_000)
        let second = ofDay / 1000
        for (index, value) in [second / 3600, second / 60 % 60, second % 60].enumerated() {
            if index > 0 { line.literal(":", in: &buffer) }
            line.digits(value, count: 2, in: &buffer)
        }
        line.literal(".", in: &buffer)
        line.digits(ofDay % 1000, count: 3, in: &buffer)
    }

    /// Appends a time span with two or three digits that count: `87 µs`, `12 ms`, `2.1 s`, `3 min 20 s`.
    func duration(from start: UInt64, to end: UInt64, in line: inout TableLine, _ buffer: inout LineBuffer) {
        let nanoseconds = end > start ? end - start : 0
        let seconds = nanoseconds / 1_000_000_000
        switch nanoseconds {
        case ..<1_000_000:
            line.number(nanoseconds / 1000, in: &buffer)
            line.literal(" µs", in: &buffer)
        case ..<1_000_000_000:
            line.number(nanoseconds / 1_000_000, in: &buffer)
            line.literal(" ms", in: &buffer)
        case ..<60_000_000_000:
            line.number(seconds, in: &buffer)
            line.literal(".", in: &buffer)
            line.number(nanoseconds / 100_000_000 % 10, in: &buffer)
            line.literal(" s", in: &buffer)
        case ..<3_600_000_000_000:
            line.number(seconds / 60, in: &buffer)
            line.literal(" min ", in: &buffer)
            line.number(seconds % 60, in: &buffer)
            line.literal(" s", in: &buffer)
        default:
            line.number(seconds / 3600, in: &buffer)
            line.literal(" h ", in: &buffer)
            line.number(seconds / 60 % 60, in: &buffer)
            line.literal(" min", in: &buffer)
        }
    }

    /// Appends a number of bytes: `512 B`, `10.3 kB`, `2.0 GB`; the prefixes are powers of 1000.
    func size(_ bytes: UInt64, in line: inout TableLine, _ buffer: inout LineBuffer) {
        let units: [(UInt64, StaticString)] = [
            (1_000_000_000_000, " TB"), (1_000_000_000, " GB"), (1_000_000, " MB"), (1000, " kB"),
        ]
        guard let (unit, name) = units.first(where: { bytes >= $0.0 }) else {
            line.number(bytes, in: &buffer)
            line.literal(" B", in: &buffer)
            return
        }
        line.number(bytes / unit, in: &buffer)
        line.literal(".", in: &buffer)
        line.number(bytes % unit / (unit / 10), in: &buffer)
        line.literal(name, in: &buffer)
    }
}
