import Model

/// `tattle` of what is of the run: its beginning and end, losses, life signs.
extension RecordParser {
    /// Passes the value of a member that no attempt has.
    mutating func ofRun(
        _ key: JSONKey, _ scanner: inout JSONScanner, into tattle: inout TattleFields
    ) throws(Malformed) {
        switch key {
        case "hook_set":
            run.hookSet = try scanner.text()
            tattle.started.hookSet = run.hookSet
        case "beacon": tattle.beacon = try beacon(&scanner)
        case "lost": tattle.lost = try lost(&scanner)
        case "file": tattle.started.file = try place(&scanner)
        case "heartbeat": tattle.heartbeat = try heartbeat(&scanner)
        case "rules": tattle.rules = try rules(&scanner)
        case "config": tattle.started.configuration = try configuration(&scanner)
        case "totals": tattle.totals = try totals(&scanner)
        case "stop": tattle.stop = try stop(&scanner)
        case "hooks": tattle.started.hooks = try texts(&scanner)
        case "blind_spots": tattle.started.blindSpots = try texts(&scanner)
        case "filters": tattle.started.filters = try texts(&scanner)
        case "refused": tattle.started.refused = try refused(&scanner)
        case "ring_bytes": tattle.started.ringBytes = Int(clamping: try scanner.number())
        case "settle_ns": tattle.started.settleNanoseconds = try scanner.number()
        case "known_processes": tattle.started.knownProcesses = Int(clamping: try scanner.number())
        case "command": tattle.started.command = try scanner.texts()
        case "self_test": tattle.started.selfTest = try selfTest(&scanner)
        default: try scanner.skip()
        }
    }

    private func texts(_ scanner: inout JSONScanner) throws(Malformed) -> [String] {
        try scanner.texts().map { String(decoding: $0, as: UTF8.self) }
    }

    private func refused(_ scanner: inout JSONScanner) throws(Malformed) -> [(hookSet: String, reason: String)] {
        var list: [(hookSet: String, reason: String)] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            var (set, reason) = ("", "")
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "hook_set": set = try scanner.text()
                case "reason": reason = try scanner.text()
                default: try scanner.skip()
                }
            }
            list.append((set, reason))
        }
        return list
    }

    private func selfTest(_ scanner: inout JSONScanner) throws(Malformed) -> SelfTestReport {
        var report = SelfTestReport()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "passed": report.passed = Int(clamping: try scanner.number())
            // The record does not say what was wrong with each.
            case "failed": report.failed = try texts(&scanner).map { .init(kind: $0, problem: "see stderr of the run") }
            case "not_covered": report.notCovered = try texts(&scanner)
            case "not_available": report.notAvailable = try texts(&scanner)
            case "problem": report.problem = try scanner.text()
            default: try scanner.skip()
            }
        }
        return report
    }

    private func lost(_ scanner: inout JSONScanner) throws(Malformed) -> LossEvent {
        var lost = LossEvent(
            cause: .unexplained, count: 0, attempts: 0, processRecords: 0, hook: nil, windowBootNanoseconds: 0...0)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            // A newer version may know more causes.
            case "cause": lost.cause = LossCause(rawValue: try scanner.text()) ?? .unexplained
            case "count": lost.count = try scanner.number()
            case "attempts": lost.attempts = try scanner.number()
            case "process_records": lost.processRecords = try scanner.number()
            case "hook": lost.hook = try scanner.text()
            case "counter": lost.counter = try scanner.text()
            case "run": lost.previousRun = try previousRun(&scanner)
            default: try scanner.skip()
            }
        }
        return lost
    }

    private func previousRun(_ scanner: inout JSONScanner) throws(Malformed) -> PreviousRun {
        var run = PreviousRun(runID: "", lastSequence: 0, lastUnixNanoseconds: 0)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id": run.runID = try scanner.text()
            case "last_sequence": run.lastSequence = try scanner.number()
            default: try scanner.skip()
            }
        }
        return run
    }

    private func place(_ scanner: inout JSONScanner) throws(Malformed) -> LogFilePlace {
        var place = LogFilePlace()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "sequence": place.sequence = try scanner.number()
            // A newer version may know more causes, and an older one none.
            case "cause": place.cause = LogFilePlace.Cause(rawValue: try scanner.text()) ?? .start
            default: try scanner.skip()
            }
        }
        return place
    }

    private func stop(_ scanner: inout JSONScanner) throws(Malformed) -> StopReason {
        var reason = ""
        var number: Int32 = 0
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "reason": reason = try scanner.text()
            case "signal", "status", "errno": number = Int32(clamping: try scanner.signedNumber())
            default: try scanner.skip()
            }
        }
        return switch reason {
        case "signal": .signal(number)
        case "command_exited": .commandExited(status: number)
        case "duration_elapsed": .durationElapsed
        case "output_closed": .outputClosed
        case "output_failed": .outputFailed(errno: number)
        default: throw scanner.valueError
        }
    }

    func totals(_ scanner: inout JSONScanner) throws(Malformed) -> Totals {
        var totals = Totals()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "attempts": totals.attempts = try scanner.number()
            case "failed": totals.failed = try scanner.number()
            case "resolved": totals.resolved = try scanner.number()
            case "disconnects": totals.disconnects = try scanner.number()
            case "lost": totals.lost = try scanner.number()
            case "withheld": totals.withheld = try scanner.number()
            default: try scanner.skip()
            }
        }
        return totals
    }
}
