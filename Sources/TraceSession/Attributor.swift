internal import Attribution
internal import Files
internal import Model

/// Who is behind an attempt, with what is known of their executable by now.
struct Attributor: ~Copyable {
    /// Everything that is known of who made an attempt, once nothing about it can change.
    private struct Known {
        var process: ProcessIdentity
        var execID: UInt32?
        var cgroupID: UInt64
        var attribution: Attribution

        @inline(__always)
        func fits(_ attempt: Attempt) -> Bool {
            process == attempt.process && execID == attempt.execID && cgroupID == attempt.cgroupID
        }
    }

    var processes: ProcessTable
    var groups: ControlGroupTable
    /// Who looks at executables; nil: nobody does.
    let executables: Executables?
    /// Who reads what the kernel cut of arguments; nil: nobody does.
    let arguments: LongArguments?
    /// Most attempts are of a process that made one a moment ago: a place for each low part of a pid.
    private var known = [Known?](repeating: nil, count: places)
    private static let places = 256

    init(
        processes: consuming ProcessTable, groups: consuming ControlGroupTable, executables: Executables?,
        arguments: LongArguments?
    ) {
        self.processes = processes
        self.groups = groups
        self.executables = executables
        self.arguments = arguments
    }

    /// Who made an attempt; asks about executable and arguments, so that the answers come while the attempt waits for
    /// its own.
    @inline(__always)
    mutating func attribution(of attempt: Attempt) -> Attribution {
        let place = Int(attempt.process.pid % UInt32(Self.places))
        if let known = known[place], known.fits(attempt) { return known.attribution }
        return find(attempt, place)
    }

    @inline(never)
    private mutating func find(_ attempt: Attempt, _ place: Int) -> Attribution {
        let facts = processes.process(of: attempt)
        _ = arguments?.answer(for: facts)
        var attribution = Attribution(
            process: facts, group: attempt.cgroupID == 0 ? nil : groups.group(attempt.cgroupID))
        // Mostly it is known from the process's last attempt, and need not be asked for again when this one is written.
        if case .known(let verdict)? = executables?.answer(for: facts), verdict.failure != .busy {
            attribution.file = verdict
        }
        if isFinal(attribution, of: attempt) {
            known[place] = Known(
                process: attempt.process, execID: attempt.execID, cgroupID: attempt.cgroupID, attribution: attribution)
        }
        return attribution
    }

    /// Whether the same process, running the same program in the same control group, is answered the same from now on.
    private func isFinal(_ attribution: Attribution, of attempt: Attempt) -> Bool {
        attribution.process.source != .partial && attempt.process.startBootNanoseconds != 0
            && (attribution.group != nil || attempt.cgroupID == 0)
            && (attribution.file != nil || executables == nil)
            && !(arguments != nil && attribution.process.program.areArgumentsCut)
    }
}
