internal import Attribution
internal import Files
internal import Model

/// Who is behind an attempt, with what is known of their executable by now.
struct Attributor: ~Copyable {
    var processes: ProcessTable
    var groups: ControlGroupTable
    /// Who looks at executables; nil: nobody does.
    let executables: Executables?
    /// Who reads what the kernel cut of arguments; nil: nobody does.
    let arguments: LongArguments?

    /// Who made an attempt; asks about executable and arguments, so that the answers come while the attempt waits for
    /// its own.
    mutating func attribution(of attempt: Attempt) -> Attribution {
        let facts = processes.process(of: attempt)
        _ = arguments?.answer(for: facts)
        var attribution = Attribution(
            process: facts, group: attempt.cgroupID == 0 ? nil : groups.group(attempt.cgroupID))
        // Mostly it is known from the process's last attempt, and need not be asked for again when this one is written.
        if case .known(let verdict)? = executables?.answer(for: facts), verdict.failure != .busy {
            attribution.file = verdict
        }
        return attribution
    }
}
