import Model

extension ECSWriter {
    /// Appends `tattle` up to what is said of the process.
    ///
    /// Mutating, although it changes nothing: a writer that is being changed would be copied for it.
    @inline(__always)
    mutating func tattle(_ attempt: Attempt, _ result: AttemptResult, into buffer: inout LineBuffer) {
        buffer.literal(",\"tattle\":{\"attempt\":{\"id\":\"")
        identifiers.append(attempt: attempt.id, into: &buffer)
        buffer.literal("\",\"result\":\"")
        buffer.literal(result.word)
        buffer.byte(UInt8(ascii: "\""))
        if attempt.bytes != 0 {
            buffer.literal(",\"bytes\":")
            buffer.decimal(attempt.bytes)
        }
        if attempt.via == .syscall {
            // Nearly all.
            buffer.literal("},\"via\":\"syscall\"")
        } else {
            buffer.literal("},\"via\":\"")
            buffer.literal(attempt.via.word)
            buffer.byte(UInt8(ascii: "\""))
        }
        if let blocker = attempt.blocker {
            buffer.literal(",\"blocked_by\":\"")
            buffer.literal(blocker.word)
            buffer.byte(UInt8(ascii: "\""))
        }
        if attempt.destination.isMulticast {
            buffer.literal(",\"destination\":{\"scope\":\"multicast\"}")
        } else if attempt.destination.isBroadcast || attempt.isNetworkBroadcast {
            buffer.literal(",\"destination\":{\"scope\":\"broadcast\"}")
        }
        if attempt.boundInterface != 0 {
            buffer.literal(",\"socket\":{\"interface_index\":")
            buffer.decimal(attempt.boundInterface)
            buffer.byte(UInt8(ascii: "}"))
        }
        if attempt.isDestinationFromUserMemory { buffer.literal(",\"destination_from_user_memory\":true") }
    }
}
