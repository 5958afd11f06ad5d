import Model

/// What is of the run: classes 6002, Application Lifecycle, and 1008, Event Log Activity.
extension OCSFWriter {
    mutating func started(_ event: TracingStarted, into buffer: inout LineBuffer) {
        let line = buffer.count
        let isFirst = event.file.cause == .start
        begin(isFirst ? .start : .rotate, at: event.bootNanoseconds, into: &buffer)
        buffer.literal(isFirst ? ",\"message\":\"Tracing started\"" : ",\"message\":\"Tracing goes on\"")
        // First: what tells this file from others has to be in its first KiB.
        ownMetadata(at: event.bootNanoseconds, into: &buffer)
        buffer.literal(",\"unmapped\":{\"tattle\":{\"file\":{\"sequence\":")
        buffer.decimal(event.file.sequence)
        buffer.member("cause", text: event.file.cause.rawValue)
        buffer.literal("},\"hook_set\":\"")
        buffer.text(event.hookSet)
        buffer.literal("\",\"hooks\":")
        buffer.texts(event.hooks, limit: 8 << 10)
        buffer.literal(",\"blind_spots\":")
        buffer.texts(event.blindSpots, limit: 8 << 10)
        buffer.literal(",\"filters\":")
        buffer.texts(event.filters, limit: 8 << 10)
        if let source = event.configuration { buffer.configuration(source) }
        if !event.command.isEmpty {
            buffer.literal(",\"command\":[")
            _ = buffer.strings(event.command, limit: 14 << 10)
            buffer.byte(UInt8(ascii: "]"))
        }
        buffer.literal(",\"ring_bytes\":")
        buffer.decimal(UInt(max(event.ringBytes, 0)))
        buffer.literal(",\"settle_ns\":")
        buffer.decimal(event.settleNanoseconds)
        buffer.padding(from: line, to: ECSWriter.minimumStartedBytes - "}}}\n".utf8.count)
        buffer.literal("}}")
    }

    mutating func stopped(_ event: TracingStopped, into buffer: inout LineBuffer) {
        begin(.stop, at: event.bootNanoseconds, into: &buffer)
        buffer.literal(",\"message\":\"Tracing stopped\",\"status_detail\":\"")
        buffer.sentence(event.reason)
        buffer.byte(UInt8(ascii: "\""))
        ownMetadata(at: event.bootNanoseconds, into: &buffer)
        totals(event.totals, into: &buffer)
        buffer.rules(event.rules)
        buffer.literal("}}")
    }

    mutating func heartbeat(_ event: Heartbeat, into buffer: inout LineBuffer) {
        begin(.heartbeat, at: event.bootNanoseconds, into: &buffer)
        buffer.literal(",\"message\":\"Heartbeat\",\"start_time\":")
        milliseconds(event.previousBootNanoseconds, into: &buffer)
        buffer.literal(",\"end_time\":")
        milliseconds(event.bootNanoseconds, into: &buffer)
        ownMetadata(at: event.bootNanoseconds, into: &buffer)
        totals(event.totals, into: &buffer)
        buffer.rules(event.rules)
        buffer.literal(",\"cpu_ns\":")
        buffer.decimal(event.use.cpuNanoseconds)
        buffer.literal(",\"resident_bytes\":")
        buffer.decimal(event.use.residentBytes)
        buffer.literal(",\"ring_high_water_bytes\":")
        buffer.decimal(event.use.ringHighWaterBytes)
        if event.isReconciled {
            buffer.literal(",\"missing\":")
            buffer.decimal(
                event.namespaces.reduce(UInt64(0)) { $0 &+ ($1.missingSyns ?? 0) &+ ($1.missingDatagrams ?? 0) })
        }
        buffer.literal("}}")
    }

    mutating func lost(_ event: LossEvent, into buffer: inout LineBuffer) {
        let window = event.windowBootNanoseconds
        begin(.loss, at: window.upperBound, into: &buffer)
        if event.previousRun == nil {
            buffer.literal(",\"message\":\"")
            buffer.decimal(event.count)
            buffer.literal(" records lost\"")
        } else {
            buffer.literal(",\"message\":\"Nobody knows how many records were lost\"")
        }
        buffer.literal(",\"status_code\":\"")
        buffer.text(event.cause.rawValue)
        buffer.literal("\",\"status_detail\":\"")
        buffer.literal(event.cause.sentence)
        buffer.literal("\",\"start_time\":")
        if let run = event.previousRun {
            // Of another boot perhaps, before this one's clock began.
            buffer.decimal(run.lastUnixNanoseconds / 1_000_000)
        } else {
            milliseconds(window.lowerBound, into: &buffer)
        }
        buffer.literal(",\"end_time\":")
        milliseconds(window.upperBound, into: &buffer)
        ownMetadata(at: window.upperBound, into: &buffer)
        buffer.literal(",\"unmapped\":{\"tattle\":{\"count\":")
        buffer.decimal(event.count)
        buffer.literal(",\"attempts\":")
        buffer.decimal(event.attempts)
        buffer.literal(",\"process_records\":")
        buffer.decimal(event.processRecords)
        if let hook = event.hook { buffer.member("hook", text: hook) }
        if let counter = event.counter { buffer.member("counter", text: counter) }
        if let run = event.previousRun {
            buffer.literal(",\"run\":{\"id\":\"")
            buffer.text(run.runID)
            buffer.literal("\",\"last_sequence\":")
            buffer.decimal(run.lastSequence)
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.literal("}}")
    }

    private enum Kind {
        case start, rotate, stop, heartbeat, loss

        var members: StaticString {
            switch self {
            case .start:
                "\"class_uid\":6002,\"class_name\":\"Application Lifecycle\",\"category_uid\":6,\"category_name\":\"Application Activity\",\"activity_id\":3,\"activity_name\":\"Start\",\"type_uid\":600203,\"type_name\":\"Application Lifecycle: Start\",\"severity_id\":1,\"severity\":\"Informational\",\"app\":{\"name\":\"tattle\",\"vendor_name\":\"tattle\"}"
            case .rotate:
                "\"class_uid\":1008,\"class_name\":\"Event Log Activity\",\"category_uid\":1,\"category_name\":\"System Activity\",\"activity_id\":5,\"activity_name\":\"Rotate\",\"type_uid\":100805,\"type_name\":\"Event Log Activity: Rotate\",\"severity_id\":1,\"severity\":\"Informational\",\"log_name\":\"tattle.trace\",\"log_provider\":\"tattle\",\"log_type_id\":2,\"log_type\":\"Application\""
            case .stop:
                "\"class_uid\":6002,\"class_name\":\"Application Lifecycle\",\"category_uid\":6,\"category_name\":\"Application Activity\",\"activity_id\":4,\"activity_name\":\"Stop\",\"type_uid\":600204,\"type_name\":\"Application Lifecycle: Stop\",\"severity_id\":1,\"severity\":\"Informational\",\"app\":{\"name\":\"tattle\",\"vendor_name\":\"tattle\"}"
            case .heartbeat:
                "\"class_uid\":1008,\"class_name\":\"Event Log Activity\",\"category_uid\":1,\"category_name\":\"System Activity\",\"activity_id\":99,\"activity_name\":\"Heartbeat\",\"type_uid\":100899,\"type_name\":\"Event Log Activity: Other\",\"severity_id\":1,\"severity\":\"Informational\",\"log_name\":\"tattle.trace\",\"log_provider\":\"tattle\",\"log_type_id\":2,\"log_type\":\"Application\""
            case .loss:
                "\"class_uid\":1008,\"class_name\":\"Event Log Activity\",\"category_uid\":1,\"category_name\":\"System Activity\",\"activity_id\":99,\"activity_name\":\"Loss\",\"type_uid\":100899,\"type_name\":\"Event Log Activity: Other\",\"severity_id\":3,\"severity\":\"Medium\",\"log_name\":\"tattle.trace\",\"log_provider\":\"tattle\",\"log_type_id\":2,\"log_type\":\"Application\""
            }
        }
    }

    private func begin(_ kind: Kind, at bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        buffer.literal("{\"time\":")
        milliseconds(bootNanoseconds, into: &buffer)
        buffer.byte(UInt8(ascii: ","))
        buffer.literal(kind.members)
    }

    /// Appends `,"unmapped":{"tattle":{` and the totals.
    private func totals(_ totals: Totals, into buffer: inout LineBuffer) {
        buffer.literal(",\"unmapped\":{\"tattle\":{\"attempts\":")
        buffer.decimal(totals.attempts)
        buffer.literal(",\"failed\":")
        buffer.decimal(totals.failed)
        buffer.literal(",\"resolved\":")
        buffer.decimal(totals.resolved)
        buffer.literal(",\"disconnects\":")
        buffer.decimal(totals.disconnects)
        buffer.literal(",\"lost\":")
        buffer.decimal(totals.lost)
        if totals.withheld > 0 {
            buffer.literal(",\"withheld\":")
            buffer.decimal(totals.withheld)
        }
    }
}
