import Model

extension ECSWriter {
    mutating func started(_ event: TracingStarted, into buffer: inout LineBuffer) {
        let line = buffer.count
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.bootNanoseconds, clock)
        // The constants come first: what tells this file from others must be in its first KiB.
        buffer.literal("\",")
        buffer.raw(constants.members)
        buffer.literal(",\"event\":{\"kind\":\"state\",\"type\":[\"start\"],\"action\":\"tracing_started\"")
        ownEventEnd(into: &buffer)
        buffer.literal(event.file.cause == .start ? ",\"message\":\"Tracing started" : ",\"message\":\"Tracing goes on")
        buffer.literal("\",\"tattle\":{\"schema\":\"")
        buffer.text(Self.schemaVersion)
        buffer.literal("\",\"file\":{\"sequence\":")
        buffer.decimal(event.file.sequence)
        buffer.member("cause", text: event.file.cause.rawValue)
        buffer.literal("},\"hook_set\":\"")
        buffer.text(event.hookSet)
        buffer.literal("\",\"hooks\":")
        buffer.texts(event.hooks, limit: 8 << 10)
        buffer.literal(",\"refused\":[")
        refused(event, into: &buffer)
        buffer.literal("],\"blind_spots\":")
        buffer.texts(event.blindSpots, limit: 8 << 10)
        buffer.literal(event.isFiltered ? ",\"filtered\":true" : ",\"filtered\":false")
        if !event.filters.isEmpty {
            buffer.literal(",\"filters\":")
            buffer.texts(event.filters, limit: 8 << 10)
        }
        if let source = event.configuration { buffer.configuration(source) }
        buffer.literal(",\"ring_bytes\":")
        buffer.decimal(UInt(max(event.ringBytes, 0)))
        buffer.literal(",\"settle_ns\":")
        buffer.decimal(event.settleNanoseconds)
        buffer.literal(",\"known_processes\":")
        buffer.decimal(UInt(max(event.knownProcesses, 0)))
        if let selfTest = event.selfTest { self.selfTest(selfTest, into: &buffer) }
        if !event.command.isEmpty {
            buffer.literal(",\"command\":[")
            let isWhole = buffer.strings(event.command, limit: Limit.arguments)
            buffer.byte(UInt8(ascii: "]"))
            if !isWhole { buffer.literal(",\"command_truncated\":true") }
        }
        buffer.padding(from: line, to: Self.minimumStartedBytes - "}}\n".utf8.count)
        buffer.literal("}}\n")
    }

    private func refused(_ event: TracingStarted, into buffer: inout LineBuffer) {
        for (index, set) in event.refused.prefix(8).enumerated() {
            if index > 0 { buffer.byte(UInt8(ascii: ",")) }
            buffer.literal("{\"hook_set\":\"")
            buffer.text(set.hookSet, limit: 64)
            buffer.literal("\",\"reason\":\"")
            buffer.text(set.reason, limit: 1024)
            buffer.literal("\"}")
        }
    }

    private func selfTest(_ report: SelfTestReport, into buffer: inout LineBuffer) {
        buffer.literal(",\"self_test\":{\"passed\":")
        buffer.decimal(UInt(max(report.passed, 0)))
        buffer.literal(",\"failed\":")
        buffer.texts(report.failed.map(\.kind), limit: 4 << 10)
        buffer.literal(",\"not_covered\":")
        buffer.texts(report.notCovered, limit: 4 << 10)
        buffer.literal(",\"not_available\":")
        buffer.texts(report.notAvailable, limit: 4 << 10)
        if let problem = report.problem { buffer.member("problem", text: problem) }
        buffer.byte(UInt8(ascii: "}"))
    }

    mutating func lost(_ event: LossEvent, into buffer: inout LineBuffer) {
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.windowBootNanoseconds.upperBound, clock)
        buffer.literal("\",\"event\":{\"kind\":\"state\",\"type\":[\"info\"],\"action\":\"events_lost\"")
        if let run = event.previousRun {
            // Of another boot perhaps, before this one's clock began.
            buffer.literal(",\"start\":\"")
            buffer.timestamp(run.lastUnixNanoseconds, WallClock(offsetNanoseconds: 0))
            buffer.byte(UInt8(ascii: "\""))
        } else {
            start(event.windowBootNanoseconds.lowerBound, into: &buffer)
        }
        buffer.literal(",\"end\":\"")
        buffer.timestamp(event.windowBootNanoseconds.upperBound, clock)
        buffer.literal("\",\"reason\":\"")
        buffer.literal(event.cause.sentence)
        buffer.byte(UInt8(ascii: "\""))
        ownEventEnd(into: &buffer)
        if event.previousRun != nil {
            buffer.literal(",\"message\":\"Nobody knows how many records were lost")
        } else {
            buffer.literal(",\"message\":\"")
            buffer.decimal(event.count)
            buffer.literal(" records lost")
        }
        buffer.literal("\",\"tattle\":{\"lost\":{\"cause\":\"")
        buffer.text(event.cause.rawValue)
        buffer.literal("\",\"count\":")
        buffer.decimal(event.count)
        buffer.literal(",\"attempts\":")
        buffer.decimal(event.attempts)
        buffer.literal(",\"process_records\":")
        buffer.decimal(event.processRecords)
        if let hook = event.hook {
            buffer.literal(",\"hook\":\"")
            buffer.text(hook)
            buffer.byte(UInt8(ascii: "\""))
        }
        if let counter = event.counter { buffer.member("counter", text: counter) }
        if let run = event.previousRun {
            buffer.literal(",\"run\":{\"id\":\"")
            buffer.text(run.runID)
            buffer.literal("\",\"last_sequence\":")
            buffer.decimal(run.lastSequence)
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.byte(UInt8(ascii: "}"))
        buffer.raw(constants.tail)
    }

    mutating func stopped(_ event: TracingStopped, into buffer: inout LineBuffer) {
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.bootNanoseconds, clock)
        buffer.literal(
            "\",\"event\":{\"kind\":\"state\",\"type\":[\"end\"],\"action\":\"tracing_stopped\",\"reason\":\"")
        buffer.sentence(event.reason)
        buffer.byte(UInt8(ascii: "\""))
        ownEventEnd(into: &buffer)
        buffer.literal(",\"message\":\"Tracing stopped\",\"tattle\":{\"stop\":{\"reason\":\"")
        switch event.reason {
        case .signal(let number):
            buffer.literal("signal\",\"signal\":")
            buffer.signed(number)
        case .commandExited(let status):
            buffer.literal("command_exited\",\"status\":")
            buffer.signed(status)
        case .durationElapsed: buffer.literal("duration_elapsed\"")
        case .outputClosed: buffer.literal("output_closed\"")
        case .outputFailed(let number):
            buffer.literal("output_failed\",\"errno\":")
            buffer.signed(number)
        }
        buffer.byte(UInt8(ascii: "}"))
        totals(event.totals, into: &buffer)
        buffer.rules(event.rules)
        buffer.raw(constants.tail)
    }

    /// Appends id, sequence, dataset and the end of `event`, for one that user space made.
    mutating func ownEventEnd(into buffer: inout LineBuffer) {
        ownEventID(into: &buffer)
        sequence(into: &buffer)
        buffer.literal(",\"dataset\":\"tattle.trace\",\"module\":\"tattle\",\"provider\":\"tattle\"}")
    }
}

extension LineBuffer {
    /// Appends the member `padding`, so that the line that began at `line` has `length` bytes so far; nothing when it has.
    mutating func padding(from line: Int, to length: Int) {
        let missing = length - (count - line)
        guard missing > 0 else { return }
        literal(",\"padding\":\"")
        for _ in 0..<max(missing - ",\"padding\":\"\"".utf8.count, 0) { byte(UInt8(ascii: ".")) }
        byte(UInt8(ascii: "\""))
    }
}
