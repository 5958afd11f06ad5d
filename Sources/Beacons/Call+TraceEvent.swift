public import Model

extension Call {
    /// The call that an attempt is; nil: none, or not yet known how it ended.
    ///
    /// - Parameter isResolution: whether the attempt was told of before.
    init?(_ attempt: Attempt, by caller: Caller, clockOffset: Int64, isResolution: Bool = false) {
        // An outcome that is not known yet comes with another event.
        guard attempt.destination.kind == .ip, let ending = Ending(attempt.outcome) else { return nil }
        let boot = Int64(clamping: attempt.startedBootNanoseconds)
        self.init(
            caller: caller, destination: Destination(attempt),
            nanoseconds: boot.addingReportingOverflow(clockOffset).partialValue, ending: ending,
            bytesSent: attempt.transport.isUDP ? UInt64(attempt.bytes) : nil, isResolution: isResolution)
    }
}

extension FlowBeats {
    /// What was counted of a flow; nil: it was a single send, or more than can be counted.
    ///
    /// - Parameter clockOffset: from the counters' clock to nanoseconds since 1970.
    public init?(_ counters: FlowCounters, clockOffset: Int64) {
        guard counters.sends > 1, counters.lastBootNanoseconds >= counters.firstBootNanoseconds,
            // The kernel adds no more to what is full.
            counters.gapSquareSum < .max
        else { return nil }
        func time(_ boot: UInt64) -> Int64 { Int64(clamping: boot).addingReportingOverflow(clockOffset).partialValue }
        let gaps = Double(counters.sends - 1)
        let mean = Double(counters.lastBootNanoseconds - counters.firstBootNanoseconds) / 1e9 / gaps
        // The sum is in square microseconds; rounding may leave less than nothing.
        let variance = Double(counters.gapSquareSum) / 1e12 / gaps - mean * mean
        self.init(
            sends: counters.sends, firstNanoseconds: time(counters.firstBootNanoseconds),
            lastNanoseconds: time(counters.lastBootNanoseconds),
            shortestGap: Double(counters.gapMinimumNanoseconds) / 1e9,
            longestGap: Double(counters.gapMaximumNanoseconds) / 1e9, deviation: max(variance, 0).squareRoot())
    }
}

extension Destination {
    /// Where an attempt goes.
    init(_ attempt: Attempt) {
        self.init(
            .address(attempt.destination.address), port: attempt.destination.port, transport: attempt.transport)
    }
}

extension Call.Ending {
    /// nil: not known yet.
    ///
    /// The numbers are those of `errno` on Linux.
    init?(_ outcome: Outcome) {
        switch outcome {
        case .pending: return nil
        case .established: self = .answered
        case .sent: self = .unknown
        case .aborted: self = .unanswered
        case .failed(111): self = .refused
        case .failed(110), .failed(113): self = .unanswered
        case .failed(100), .failed(101), .failed(99): self = .offline
        case .failed(1), .failed(13): self = .denied
        case .failed: self = .failed
        }
    }
}

extension Caller {
    /// A script by its path, also of a servant that a script started; else an executable by path and hash, else a container or
    /// a unit, else the process's name.
    ///
    /// - Parameter isOfOwnScript: whether the script among the traits is the process's own.
    public init(_ traits: CallerTraits, isOfOwnScript: Bool, name: @autoclosure () -> String, host: String) {
        // What serves anybody has the name of whoever makes it: a loop that starts curl each time.
        if let script = traits.script, isOfOwnScript || traits.isServant {
            self.init(.script, script, host: host)
        } else if let executable = traits.executable {
            self.init(.program, executable, hash: traits.sha256 ?? "", host: host)
        } else if let container = traits.container {
            self.init(.container, container, host: host)
        } else if let unit = traits.unit {
            self.init(.unit, unit, host: host)
        } else {
            self.init(.name, name(), host: host)
        }
    }

    /// Who made an attempt.
    init(_ event: AttemptEvent, traits: CallerTraits) {
        let program = event.attribution.process.program
        self.init(
            traits, isOfOwnScript: program.script != nil, name: String(decoding: program.name.bytes, as: UTF8.self),
            host: "")
    }
}

extension CallerTraits {
    /// What an event says of who made an attempt.
    init(_ event: AttemptEvent) {
        self.init()
        let attribution = event.attribution
        let process = attribution.process
        executable = process.program.executable.map { String(decoding: $0, as: UTF8.self) }
        sha256 = attribution.file?.sha256.map(Self.hexadecimal)
        package = attribution.file?.package?.name
        isPackaged = attribution.file.flatMap { $0.isPackageKnown ? $0.package != nil : nil }
        isUnchanged = attribution.file?.package?.isUnchanged
        unit = attribution.group?.unit
        isUnitOfSystem = attribution.group.map { ControlGroupPath($0.path).isUnitOfSystem } ?? false
        isPathElsewhere = !(attribution.file?.isAtPath ?? false)
        container = attribution.group?.container?.id
        // A loop in a shell starts a new program each time: what the loop is tells more.
        script = (process.program.script ?? process.ancestors.lazy.compactMap { $0.program.script }.first)
            .map { String(decoding: $0, as: UTF8.self) }
        flags = attribution.flags(of: event.attempt)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
