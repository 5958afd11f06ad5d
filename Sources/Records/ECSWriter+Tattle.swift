import Model

extension ECSWriter {
    /// Appends `tattle` up to what is said of the process.
    @inline(__always)
    func tattle(_ attempt: Attempt, _ result: AttemptResult, into buffer: inout LineBuffer) {
        buffer.literal(",\"tattle\":{\"attempt\":{\"id\":\"")
        buffer.raw(identifiers.run)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(attempt.id)
        buffer.literal("\",\"result\":\"")
        buffer.literal(result.word)
        buffer.byte(UInt8(ascii: "\""))
        if attempt.bytes != 0 {
            buffer.literal(",\"bytes\":")
            buffer.decimal(attempt.bytes)
        }
        switch attempt.via {
        case .syscall: buffer.literal("},\"via\":\"syscall\"")
        case .fastOpen: buffer.literal("},\"via\":\"fast_open\"")
        case .mptcp: buffer.literal("},\"via\":\"mptcp\"")
        }
        switch attempt.blocker {
        case .securityModule: buffer.literal(",\"blocked_by\":\"lsm\"")
        case .cgroup: buffer.literal(",\"blocked_by\":\"cgroup\"")
        case .route: buffer.literal(",\"blocked_by\":\"route\"")
        case nil: break
        }
        if attempt.networkNamespace != 0 {
            buffer.literal(",\"netns\":")
            buffer.decimal(attempt.networkNamespace)
        }
        if attempt.isDestinationFromUserMemory { buffer.literal(",\"destination_from_user_memory\":true") }
    }
}
