import Model

extension ECSWriter {
    /// Appends `tattle` up to what `constants.tail` goes on with.
    @inline(__always)
    func tattle(
        _ attempt: Attempt, _ facts: ProcessFacts, _ result: AttemptResult, _ cuts: Cuts, into buffer: inout LineBuffer
    ) {
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
        switch facts.source {
        case .kernel: buffer.literal(",\"attribution\":{\"source\":\"kernel\"}")
        case .procfs: buffer.literal(",\"attribution\":{\"source\":\"procfs\"}")
        case .partial: buffer.literal(",\"attribution\":{\"source\":\"partial\"}")
        }
        if attempt.networkNamespace != 0 {
            buffer.literal(",\"netns\":")
            buffer.decimal(attempt.networkNamespace)
        }
        if attempt.cgroupID != 0 {
            // A string: a number over 2⁵³ does not survive every JSON reader.
            buffer.literal(",\"cgroup\":{\"id\":\"")
            buffer.decimal(attempt.cgroupID)
            buffer.literal("\"}")
        }
        if attempt.isDestinationFromUserMemory { buffer.literal(",\"destination_from_user_memory\":true") }
        process(attempt, facts, cuts, into: &buffer)
    }

    /// Appends `process` within `tattle`, with what is out of the ordinary; nothing when nothing is.
    @inline(__always)
    private func process(_ attempt: Attempt, _ facts: ProcessFacts, _ cuts: Cuts, into buffer: inout LineBuffer) {
        let isKernelThread = attempt.isKernelThread || facts.isKernelThread
        guard
            isKernelThread || facts.isExecutableDeleted || cuts.hasCutPath || cuts.hasCutArguments
                || facts.loginUserID != nil
        else { return }
        // Each member ends in a comma; the last one is taken back.
        buffer.literal(",\"process\":{")
        if let login = facts.loginUserID {
            buffer.literal("\"login_user\":{\"id\":\"")
            buffer.decimal(login)
            buffer.literal("\"},")
        }
        if isKernelThread { buffer.literal("\"kernel_thread\":true,") }
        if facts.isExecutableDeleted { buffer.literal("\"deleted\":true,") }
        if cuts.hasCutPath { buffer.literal("\"executable_truncated\":true,") }
        if cuts.hasCutArguments {
            buffer.literal("\"args_truncated\":true,\"args_bytes\":")
            buffer.decimal(UInt(max(facts.argumentsTotalBytes, 0)))
            buffer.byte(UInt8(ascii: ","))
        }
        buffer.truncate(to: buffer.count - 1)
        buffer.byte(UInt8(ascii: "}"))
    }
}
