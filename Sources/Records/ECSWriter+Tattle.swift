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
        case .packet: buffer.literal("},\"via\":\"packet\"")
        case .raw: buffer.literal("},\"via\":\"raw\"")
        case .ioUring: buffer.literal("},\"via\":\"io_uring\"")
        case .sendmmsg: buffer.literal("},\"via\":\"sendmmsg\"")
        case .splice: buffer.literal("},\"via\":\"splice\"")
        case .kernel: buffer.literal("},\"via\":\"kernel\"")
        case .fastOpen: buffer.literal("},\"via\":\"fast_open\"")
        case .mptcp: buffer.literal("},\"via\":\"mptcp\"")
        }
        switch attempt.blocker {
        case .securityModule: buffer.literal(",\"blocked_by\":\"lsm\"")
        case .cgroup: buffer.literal(",\"blocked_by\":\"cgroup\"")
        case .netfilter: buffer.literal(",\"blocked_by\":\"netfilter\"")
        case .route: buffer.literal(",\"blocked_by\":\"route\"")
        case nil: break
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
        if attempt.networkNamespace != 0 {
            buffer.literal(",\"netns\":")
            buffer.decimal(attempt.networkNamespace)
        }
        if attempt.isDestinationFromUserMemory { buffer.literal(",\"destination_from_user_memory\":true") }
    }
}
