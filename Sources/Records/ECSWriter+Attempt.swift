import Model

extension ECSWriter {
    mutating func attempted(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
        let result = AttemptResult(attempt.outcome)
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(attempt.startedBootNanoseconds, clock)
        buffer.literal("\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"start\"")
        if result == .denied { buffer.literal(",\"denied\"") }
        buffer.literal("],\"action\":\"connection_attempted\"")
        eventID(attempt.reference, "-a\"", into: &buffer)
        sequence(into: &buffer)
        if result != .pending {
            duration(from: attempt.startedBootNanoseconds, to: attempt.observedBootNanoseconds, into: &buffer)
        }
        eventEnd(attempt, result, into: &buffer)
        Self.network(attempt, into: &buffer)
        Self.ends(attempt, into: &buffer)
        rest(attempt, attribution, result, into: &buffer).appendRest(into: &buffer)
    }

    mutating func resolved(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
        let result = AttemptResult(attempt.outcome)
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(attempt.observedBootNanoseconds, clock)
        buffer.literal("\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"info\"")
        if result == .denied { buffer.literal(",\"denied\"") }
        buffer.literal("],\"action\":\"connection_resolved\"")
        eventID(attempt.reference, "-r\"", into: &buffer)
        sequence(into: &buffer)
        start(attempt.startedBootNanoseconds, into: &buffer)
        if result != .pending {
            duration(from: attempt.startedBootNanoseconds, to: attempt.observedBootNanoseconds, into: &buffer)
        }
        eventEnd(attempt, result, into: &buffer)
        Self.network(attempt, into: &buffer)
        Self.ends(attempt, into: &buffer)
        rest(attempt, attribution, result, into: &buffer).appendRest(into: &buffer)
    }

    /// Appends `,"start":"…"`.
    func start(_ bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        buffer.literal(",\"start\":\"")
        buffer.timestamp(bootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
    }

    /// Appends `,"duration":…` in nanoseconds.
    @inline(__always)
    func duration(from start: UInt64, to end: UInt64, into buffer: inout LineBuffer) {
        buffer.literal(",\"duration\":")
        buffer.decimal(end > start ? end &- start : 0)
    }

    /// Appends the end of `network`, `source` where it is known, and `destination`.
    @inline(__always)
    static func ends(_ attempt: Attempt, into buffer: inout LineBuffer) {
        buffer.byte(UInt8(ascii: "}"))
        if let endpoint = attempt.source {
            Self.source(endpoint, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        Self.destination(attempt.destination, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
    }

    /// Appends `,"outcome":"…"`.
    @inline(__always)
    func outcome(_ result: AttemptResult, into buffer: inout LineBuffer) {
        switch result {
        case .pending: buffer.literal(",\"outcome\":\"unknown\"")
        case .established, .sent: buffer.literal(",\"outcome\":\"success\"")
        default: buffer.literal(",\"outcome\":\"failure\"")
        }
    }

    /// Appends the outcome, the reason and the end of `event`.
    @inline(__always)
    func eventEnd(_ attempt: Attempt, _ result: AttemptResult, into buffer: inout LineBuffer) {
        outcome(result, into: &buffer)
        if let blocker = attempt.blocker {
            buffer.literal(",\"reason\":\"")
            buffer.literal(blocker.sentence)
            buffer.byte(UInt8(ascii: "\""))
        } else if result == .aborted {
            buffer.literal(",\"reason\":\"Closed from this side before an answer came\"")
        }
        buffer.literal(",\"dataset\":\"tattle.trace\",\"module\":\"tattle\",\"provider\":\"ebpf\"}")
    }

    /// Appends `error` where there is one.
    @inline(__always)
    func error(_ outcome: Outcome, into buffer: inout LineBuffer) {
        guard case .failed(let number) = outcome else { return }
        let range = constants.errors.range(of: number)
        if range.isEmpty { return unknownError(number, into: &buffer) }
        buffer.raw(constants.errors.text, range)
    }

    /// Appends `error` of an errno that has no name.
    @inline(never)
    private func unknownError(_ number: Int32, into buffer: inout LineBuffer) {
        buffer.literal(",\"error\":{\"code\":\"")
        buffer.unknownErrorName(number)
        buffer.literal("\",\"message\":\"Unknown error ")
        buffer.signed(number)
        buffer.literal("\"}")
    }
}

extension LineBuffer {
    /// Appends a name for an errno that has none: `ERRNO_524`.
    mutating func unknownErrorName(_ number: Int32) {
        literal("ERRNO_")
        signed(number)
    }
}
