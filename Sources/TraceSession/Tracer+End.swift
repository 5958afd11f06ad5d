internal import Attribution
internal import Capture
internal import Glibc
internal import Lifecycle
internal import Logging
internal import Logs
internal import Model

/// How a run begins, what it loses, how it ends.
extension Tracer {
    func startedEvent(_ file: LogFilePlace) -> TracingStarted {
        TracingStarted(
            hookSet: capture.hookSet.rawValue, hooks: capture.hooks,
            refused: capture.refused.map { ($0.hookSet.rawValue, $0.reason) }, blindSpots: capture.blindSpots,
            filters: options.filter.restrictions, ringBytes: options.ringBytes,
            settleNanoseconds: options.settle.nanosecondsClamped, command: options.command.map { Array($0.utf8) },
            knownProcesses: knownProcesses, selfTest: selfTest,
            configuration: options.configuration?.source, file: file,
            bootNanoseconds: SystemContext.bootNanoseconds())
    }

    /// Tells what was lost since the last look; looks at most once a second, and at the end.
    func checkLosses(isFinal: Bool, isDue: Bool = false, now: UInt64 = SystemContext.bootNanoseconds()) {
        // While events are dropped these would only make it more; what was lost meanwhile is told afterwards.
        guard !isDropping else { return }
        guard isFinal || isDue || now &- lastLossCheck >= 1_000_000_000 else { return }
        for entry in losses.check(capture, now: now, isDue: isDue, isFinal: isFinal).entries {
            lostRecords += entry.count
            lostAttempts += entry.count - min(entry.count, entry.processRecords)
            lostEnds += entry.count - min(entry.count, entry.processRecords + entry.attempts)
            tell(
                LossEvent(
                    cause: entry.cause, count: entry.count, attempts: entry.attempts,
                    processRecords: entry.processRecords, hook: entry.hook,
                    windowBootNanoseconds: lastLossCheck...max(now, lastLossCheck)))
        }
        // A flow whose end was lost on the way is among those of the other causes.
        let uncounted = pipeline.flows.uncountedFlows
        if uncounted > toldForgottenFlows + lostEnds {
            let forgotten = uncounted - toldForgottenFlows - lostEnds
            toldForgottenFlows += forgotten
            lostRecords += forgotten
            tell(
                LossEvent(
                    cause: .flowForgotten, count: forgotten, attempts: 0, processRecords: 0, hook: nil,
                    windowBootNanoseconds: lastLossCheck...max(now, lastLossCheck)))
        }
        lastLossCheck = now
    }

    /// SIGCHLD ends a run with a command, SIGHUP a file of a folder; the others end the run, or go to the command first.
    func handleSignals() -> StopReason? {
        var reason: StopReason?
        while let (signal, isFromTerminal) = loop.nextSignal() {
            if signal == SIGCHLD {
                if let status = command?.exitStatus() { reason = .commandExited(status: status) }
                continue
            }
            if signal == SIGHUP, files != nil {
                beginFile(.signal)
                continue
            }
            guard let command, forwardedSignal == nil else { return reason ?? .signal(signal) }
            // The command decides how it ends; its end is ours. From a terminal it got the signal too.
            forwardedSignal = signal
            if !isFromTerminal { command.send(signal) }
        }
        return reason
    }

    /// Waits, for as long as an attempt waits for its outcome, and ten seconds at most, until it is known what was executed; a
    /// second signal ends the waiting.
    private func waitForVerdicts() {
        let longest = min(options.settle.nanosecondsClamped, 10_000_000_000)
        let deadline = SystemContext.bootNanoseconds() &+ longest
        while pipeline.heldCount > 0, loop.nextSignal().map({ $0.signal == SIGCHLD }) ?? true {
            let now = SystemContext.bootNanoseconds()
            guard now < deadline else { break }
            var descriptors = [executables?.notificationDescriptor, arguments.notificationDescriptor].compactMap {
                $0.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            }
            // The descriptors live through the call.
            // Not for longer than that: signals are not among them.
            let milliseconds = min((deadline - now) / 1_000_000 + 1, 100)
            _ = unsafe poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
            pipeline.takeArguments(now: now, emit: emit)
            pipeline.takeVerdicts(emit: emit)
        }
        pipeline.finishVerdicts(emit: emit)
    }

    /// Waits until the log is written, for as long as it gets on; a second signal ends the waiting.
    private func waitForLog() {
        var backlog = log.backlogBytes
        var lastProgress = SystemContext.bootNanoseconds()
        while backlog > 0, log.failure == nil, loop.nextSignal().map({ $0.signal == SIGCHLD }) ?? true {
            usleep(5_000)
            attendToLog()
            flush()
            let now = SystemContext.bootNanoseconds()
            let left = log.backlogBytes
            if left < backlog { lastProgress = now }
            backlog = left
            if now &- lastProgress > 10_000_000_000 { return }
        }
    }

    /// Detaches, drains, writes the last records and waits until they are written.
    func stop(_ reason: StopReason) -> Result {
        endDropping()
        closeReconciliation()
        capture.stop()
        while drainSome() > 0 {}
        finishInventory()
        let now = SystemContext.bootNanoseconds()
        for attempt in capture.untoldAttempts() {
            pipeline.handle(.attempt(attempt), now: now, counters: { _, _ in nil }, emit: emit)
        }
        pipeline.finish(now: now, counters: { capture.counters(of: $0, forgets: $1) }, emit: emit)
        waitForVerdicts()
        lookForBeaconsFinally()
        finishRules()
        endDropping()
        checkLosses(isFinal: true)
        beatFinally()
        endDropping()
        let totals = totals
        emit(
            .stopped(
                TracingStopped(
                    reason: reason, totals: totals, rules: ruleCounts,
                    bootNanoseconds: SystemContext.bootNanoseconds())))
        flush()
        waitForLog()
        let written = log.finish(within: .seconds(1))
        let unwritten = written.bytesNotWritten
        var reason = reason
        if unwritten > 0, let trouble = log.trouble {
            reason = .outputFailed(errno: trouble)
        } else if unwritten > 0, log.failure == nil {
            logger.error("the last \(unwritten) bytes were not written: nothing took them for 10 s")
            reason = .outputFailed(errno: ETIMEDOUT)
        } else if let failure = log.failure {
            reason = failure == EPIPE ? .outputClosed : .outputFailed(errno: failure)
        }
        writeMetrics(isRunning: false)
        metrics?.finish()
        return Result(
            reason: reason, totals: totals, hookSet: capture.hookSet,
            lines: written.linesWritten + written.linesNotWritten, linesNotWritten: written.linesNotWritten)
    }
}
