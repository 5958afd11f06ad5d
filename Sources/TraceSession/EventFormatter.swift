internal import Bytes
internal import Lifecycle
internal import Logs
internal import Model
internal import Records

/// Events to bytes in the format that was asked for.
struct EventFormatter: ~Copyable {
    // One of these; not an enum, because a payload that is changed in place is copied first.
    private var ecs: ECSWriter?
    private var ocsf: OCSFWriter?
    private var zeek: ZeekWriter?
    private var table: TableWriter?
    private var buffer = LineBuffer(capacity: ByteMemory.exchangedCapacity)

    init(ecs writer: ECSWriter) { ecs = writer }

    init(ocsf writer: OCSFWriter) { ocsf = writer }

    init(zeek writer: ZeekWriter) { zeek = writer }

    init(table writer: TableWriter, showsHeartbeats: Bool) {
        var writer = writer
        writer.showsHeartbeats = showsHeartbeats
        table = writer
        writer.writeHeader(into: &buffer)
    }

    /// Bytes that wait to be taken.
    var count: Int { buffer.count }

    /// Appends one event.
    mutating func write(_ event: TraceEvent) {
        ecs?.write(event, into: &buffer)
        ocsf?.write(event, into: &buffer)
        zeek?.write(event, into: &buffer)
        table?.write(event, into: &buffer)
    }

    /// Appends one attempt.
    @inline(__always)
    mutating func write(_ attempt: Attempt, by attribution: Attribution, as telling: AttemptTracker.Telling) {
        let isWritten: Void? = ecs?.write(
            attempt, by: attribution, isResolved: telling == .resolved, into: &buffer)
        if isWritten == nil { write(TraceEvent(attempt, by: attribution, as: telling)) }
    }

    /// The wall clock was set or slewed.
    mutating func setClock(offset: Int64) {
        ecs?.clock = WallClock(offsetNanoseconds: offset)
        ocsf?.clock = WallClock(offsetNanoseconds: offset)
        zeek?.clock = WallClock(offsetNanoseconds: offset)
        table?.clock = WallClock(offsetNanoseconds: offset)
    }

    /// Hands over what was written since the last call.
    /// - Returns: whether more may come now.
    mutating func hand(to log: LogWriter) -> Bool { log.append(&buffer.memory) }

    /// A copy of what was written since the last call.
    mutating func take() -> [UInt8] {
        defer { buffer.removeAll() }
        return buffer.copy()
    }
}
