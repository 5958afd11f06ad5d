internal import Capture
internal import Logging
internal import Logs
internal import Model
internal import Records

/// What a run came to, for who watches tattle itself.
final class Metrics {
    private let file: ReplacedFile
    private let text: MetricsText
    private var toldFailure: Int32?

    /// Begins with the file that `path` names.
    /// - Throws: ``TracingError`` when it cannot be made.
    init(path: String, text: MetricsText) throws(TracingError) {
        self.text = text
        do throws(LogError) {
            file = try ReplacedFile(path: path)
        } catch {
            throw TracingError(error.description, exitCode: ExitCode.cannotCreate)
        }
    }

    /// Tells what is known now.
    func write(_ heartbeat: Heartbeat, losses: [LossCause: UInt64], isRunning: Bool, logger: Logger) {
        file.replace(text.bytes(of: heartbeat, losses: losses, isRunning: isRunning))
        let failure = file.failure
        if let failure, failure != toldFailure {
            logger.warning("cannot write to '\(file.path)': \(describe(failure)), ignoring")
        }
        toldFailure = failure
    }

    /// Waits for the last one.
    func finish() { file.finish(within: .seconds(1)) }
}

extension Tracer {
    /// Writes that records were lost, and counts them.
    func tell(_ loss: LossEvent) {
        pipeline.count(lost: loss.count)
        lostByCause[loss.cause, default: 0] += loss.count
        emit(.lost(loss))
    }

    /// Records lost so far by cause, those among them that no line tells of yet.
    private var lossesSoFar: [LossCause: UInt64] {
        var losses = lostByCause
        if let dropped = files?.dropped { losses[dropped.cause, default: 0] += dropped.records }
        return losses
    }

    /// Tells what is known now, where somebody wants it.
    func writeMetrics(_ heartbeat: Heartbeat, isRunning: Bool = true) {
        metrics?.write(heartbeat, losses: lossesSoFar, isRunning: isRunning, logger: logger)
    }

    /// Tells what is known at the start, or at the end: everything, after the last line was written.
    func writeMetrics(isRunning: Bool) {
        guard metrics != nil else { return }
        let now = SystemContext.bootNanoseconds()
        writeMetrics(
            Heartbeat(
                bootNanoseconds: now, previousBootNanoseconds: now, isFinal: !isRunning, totals: totals,
                rules: ruleCounts, use: use(), isReconciled: false, namespaces: [], omittedNamespaces: 0),
            isRunning: isRunning)
    }

    /// What tattle itself takes.
    func use() -> ResourceUse {
        let statistics = log.statistics
        return ResourceUse(
            cpuNanoseconds: SystemContext.cpuNanoseconds(), residentBytes: SystemContext.residentBytes(),
            ringBytes: UInt64(max(options.ringBytes, 0)), ringFillBytes: capture.ringFillBytes,
            ringHighWaterBytes: capture.takeRingHighWater(), runningProcesses: pipeline.processCounts.running,
            pastProcesses: pipeline.processCounts.past, maps: capture.mapUse(),
            log: LogUse(
                files: files?.nextSequence ?? 1, bytes: statistics.bytesWritten, lines: statistics.linesWritten,
                backlogBytes: UInt64(log.backlogBytes), failures: log.troubleCount, isFailing: log.trouble != nil),
            beacons: beacons?.use)
    }
}
