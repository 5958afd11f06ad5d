internal import Beacons
internal import Model
internal import Reading

/// Makes calls of tattle's own records in ECS.
///
/// It reads what a call needs, and no more; who called is put into words once, not for each record.
struct OwnRecords {
    private var reader = OutlineReader()
    private var callers = RememberedCallers()

    /// The call that a line tells of, or what was counted of the flow that began with it; nil: it tells of neither, or not yet
    /// how it ended.
    ///
    /// - Parameter range: where the line stands in `bytes`, without its newline.
    mutating func call(_ bytes: [UInt8], _ range: Range<Int>) throws(Malformed) -> CallLogs.Entry? {
        let outline = try reader.read(bytes, range)
        let flow = outline.telling == .ended ? outline.flow.flatMap { FlowBeats($0, clockOffset: 0) } : nil
        guard outline.telling == .attempted || outline.telling == .resolved || flow != nil,
            let address = outline.address, let time = outline.started,
            let ending = Self.ending(outline.result, bytes[outline.errorCode])
        else { return nil }
        let (caller, traits) = callers.caller(at: outline.who, in: bytes)
        let transport = outline.transport
        let call = Call(
            caller: caller, destination: Destination(.address(address), port: outline.port, transport: transport),
            nanoseconds: Int64(clamping: time), ending: ending,
            bytesSent: transport.isUDP ? UInt64(outline.bytes) : nil, isResolution: outline.telling == .resolved)
        return CallLogs.Entry(call: call, traits: traits, packetBytes: nil, flow: flow)
    }

    /// How it ended, by `tattle.attempt.result` and `error.code`; nil: that is not known yet.
    private static func ending(_ result: AttemptResult?, _ code: ArraySlice<UInt8>) -> Call.Ending? {
        switch result {
        case nil, .pending: return nil
        case .established: return .answered
        // What the kernel took of a datagram says nothing of the other end.
        case .sent: return .unknown
        case .aborted: return .unanswered
        case .refused, .timedOut, .unreachable, .denied, .reset, .failed:
            let ending = CallWords.ending(code)
            return ending == .unknown ? .failed : ending
        }
    }
}
