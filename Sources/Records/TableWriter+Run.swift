import Model

extension TableWriter {
    func started(_ event: TracingStarted, into buffer: inout LineBuffer) {
        note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
            line.literal("tracing started, hook set ", in: &buffer)
            line.text(Array(event.hookSet.utf8), in: &buffer)
        }
        for (hookSet, reason) in event.refused {
            note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
                line.literal("hook set ", in: &buffer)
                line.text(Array(hookSet.utf8), in: &buffer)
                line.literal(" refused: ", in: &buffer)
                line.text(Array(reason.utf8), in: &buffer)
            }
        }
        for sentence in event.blindSpots {
            note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
                line.literal("not seen: ", in: &buffer)
                line.text(Array(sentence.utf8), in: &buffer)
            }
        }
        if let selfTest = event.selfTest {
            let summary =
                selfTest.complaint
                ?? "self-test passed: \(selfTest.passed) kinds seen, \(selfTest.notCovered.count) not covered, "
                + "\(selfTest.notAvailable.count) not available"
            note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
                line.text(Array(summary.utf8), in: &buffer)
            }
        }
        if let source = event.configuration, source.ruleCount > 0 {
            note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
                line.number(UInt64(source.ruleCount), in: &buffer)
                line.literal(source.ruleCount == 1 ? " rule of " : " rules of ", in: &buffer)
                line.text(Array(source.path.utf8), in: &buffer)
            }
        }
        guard !event.filters.isEmpty else { return }
        note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
            line.literal("only what passes:", in: &buffer)
            for filter in event.filters {
                line.literal(" ", in: &buffer)
                line.text(Array(filter.utf8), in: &buffer)
            }
        }
    }

    func lost(_ event: LossEvent, into buffer: inout LineBuffer) {
        if usesColor { buffer.literal("\u{1b}[31m") }
        note(at: event.windowBootNanoseconds.upperBound, endsLine: false, into: &buffer) { line, buffer in
            line.number(event.count, in: &buffer)
            line.literal(" records lost (", in: &buffer)
            line.number(event.attempts, in: &buffer)
            line.literal(" attempts): ", in: &buffer)
            line.literal(event.cause.sentence, in: &buffer)
        }
        if usesColor { buffer.literal("\u{1b}[0m") }
        buffer.byte(UInt8(ascii: "\n"))
    }

    /// Whoever watches is to see it: in colour.
    func beacon(_ event: BeaconEvent, into buffer: inout LineBuffer) {
        if usesColor { buffer.literal("\u{1b}[35m") }
        note(at: event.foundBootNanoseconds, endsLine: false, into: &buffer) { line, buffer in
            line.literal(event.beacon.tellings > 1 ? "beacon still there, score " : "beacon, score ", in: &buffer)
            let percent = UInt32((min(max(event.beacon.score, 0), 1) * 100).rounded())
            line.digits(percent / 100, count: 1, in: &buffer)
            line.literal(".", in: &buffer)
            line.digits(percent % 100, count: 2, in: &buffer)
            line.literal(": ", in: &buffer)
            line.text(Array(event.beacon.sentence.utf8), in: &buffer)
        }
        if usesColor { buffer.literal("\u{1b}[0m") }
        buffer.byte(UInt8(ascii: "\n"))
    }

    func stopped(_ event: TracingStopped, into buffer: inout LineBuffer) {
        note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
            var reason = LineBuffer(capacity: 128)
            reason.sentence(event.reason)
            line.literal("tracing stopped: ", in: &buffer)
            line.text(reason.copy(), in: &buffer)
            let totals: [(UInt64, StaticString)] = [
                (event.totals.attempts, " attempts"), (event.totals.failed, " failed"),
                (event.totals.resolved, " resolved later"), (event.totals.disconnects, " ended"),
                (event.totals.lost, " records lost"),
            ]
            for (index, (count, word)) in totals.enumerated() {
                line.literal(index == 0 ? "; " : ", ", in: &buffer)
                line.number(count, in: &buffer)
                line.literal(word, in: &buffer)
            }
            guard event.totals.withheld > 0 else { return }
            line.literal(", ", in: &buffer)
            line.number(event.totals.withheld, in: &buffer)
            line.literal(" attempts withheld by rules", in: &buffer)
        }
        for rule in event.rules { self.rule(rule, at: event.bootNanoseconds, into: &buffer) }
    }

    private func rule(_ rule: RuleCount, at bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        note(at: bootNanoseconds, into: &buffer) { line, buffer in
            line.literal("rule ", in: &buffer)
            line.text(Array(rule.name.utf8), in: &buffer)
            line.literal(" (", in: &buffer)
            line.text(Array(rule.action.rawValue.utf8), in: &buffer)
            line.literal("): ", in: &buffer)
            line.number(rule.matched, in: &buffer)
            line.literal(" records, ", in: &buffer)
            line.number(rule.withheld, in: &buffer)
            line.literal(" withheld", in: &buffer)
        }
    }

    /// Shown where somebody wants it, or where something is missing.
    func heartbeat(_ event: Heartbeat, into buffer: inout LineBuffer) {
        let missing = event.namespaces.reduce(0) { $0 + ($1.missingSyns ?? 0) + ($1.missingDatagrams ?? 0) }
        guard showsHeartbeats || missing > 0 else { return }
        note(at: event.bootNanoseconds, into: &buffer) { line, buffer in
            line.number(event.totals.attempts, in: &buffer)
            line.literal(" attempts, ", in: &buffer)
            line.number(event.totals.lost, in: &buffer)
            line.literal(" records lost, ", in: &buffer)
            guard event.isReconciled else {
                return line.literal("not compared with the kernel's counters: filtered", in: &buffer)
            }
            line.number(missing, in: &buffer)
            line.literal(" missing by the kernel's counters of ", in: &buffer)
            line.number(UInt64(event.namespaces.count), in: &buffer)
            line.literal(event.namespaces.count == 1 ? " namespace" : " namespaces", in: &buffer)
        }
    }

    /// Appends a line that tells of tattle itself: `# `, the time, and what `body` adds.
    private func note(
        at bootNanoseconds: UInt64, endsLine: Bool = true, into buffer: inout LineBuffer,
        body: (inout TableLine, inout LineBuffer) -> Void
    ) {
        var line = TableLine(width: width)
        line.literal("# ", in: &buffer)
        time(bootNanoseconds, in: &line, &buffer)
        line.literal(" ", in: &buffer)
        body(&line, &buffer)
        if endsLine { buffer.byte(UInt8(ascii: "\n")) }
    }
}
