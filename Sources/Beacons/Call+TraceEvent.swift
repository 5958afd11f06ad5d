public import Model

extension Call {
    /// The call that an event of a trace tells of, with what is known of who made it; nil: it tells of none, or not yet how
    /// it ended.
    ///
    /// - Parameters:
    ///   - host: the machine's name; empty: the only one.
    ///   - clockOffset: from the event's clock to nanoseconds since 1970.
    public static func of(
        _ event: TraceEvent, host: String = "", clockOffset: Int64
    ) -> (call: Call, traits: CallerTraits)? {
        switch event {
        case .attempted(let event), .resolved(let event):
            let traits = CallerTraits(event)
            let caller = Caller(event, traits: traits, host: host)
            return Call(event.attempt, by: caller, clockOffset: clockOffset).map { ($0, traits) }
        default: return nil
        }
    }

    /// The call that an attempt is; nil: none, or not yet known how it ended.
    init?(_ attempt: Attempt, by caller: Caller, clockOffset: Int64) {
        // An outcome that is not known yet comes with another event.
        guard attempt.destination.kind == .ip, let ending = Ending(attempt.outcome) else { return nil }
        let boot = Int64(clamping: attempt.startedBootNanoseconds)
        self.init(
            caller: caller, destination: Destination(attempt),
            nanoseconds: boot.addingReportingOverflow(clockOffset).partialValue, ending: ending,
            bytesSent: attempt.transport.isUDP ? UInt64(attempt.bytes) : nil)
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
    /// A script by its path, also of a servant that a script started; else an executable by path and hash, else a container or a unit, else the process's name.
    init(_ event: AttemptEvent, traits: CallerTraits, host: String) {
        let program = event.attribution.process.program
        if let script = program.script {
            self.init(.script, String(decoding: script, as: UTF8.self), host: host)
        } else if traits.isServant, let script = traits.script {
            // What serves anybody has the name of whoever makes it: a loop that starts curl each time.
            self.init(.script, script, host: host)
        } else if let executable = traits.executable {
            self.init(.program, executable, hash: traits.sha256 ?? "", host: host)
        } else if let container = traits.container {
            self.init(.container, container, host: host)
        } else if let unit = traits.unit {
            self.init(.unit, unit, host: host)
        } else {
            self.init(.name, String(decoding: program.name.bytes, as: UTF8.self), host: host)
        }
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
