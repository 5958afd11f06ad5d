public import Model

/// What a run came to so far, for Prometheus: text/plain; version=0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
public struct MetricsText {
    private let context: RunContext
    private let startedUnixNanoseconds: UInt64
    private var text = ""

    /// Makes the text of one run.
    /// - Parameter startedBootNanoseconds: when it began, nanoseconds of CLOCK_BOOTTIME.
    public init(context: RunContext, startedBootNanoseconds: UInt64, clock: WallClock) {
        self.context = context
        startedUnixNanoseconds = clock.unixNanoseconds(startedBootNanoseconds)
    }

    /// The text.
    /// - Parameters:
    ///   - heartbeat: what is known now; its totals and what tattle takes are told.
    ///   - losses: records lost, by cause.
    ///   - isRunning: whether the run goes on.
    public func bytes(of heartbeat: Heartbeat, losses: [LossCause: UInt64], isRunning: Bool) -> [UInt8] {
        var copy = self
        copy.run(isRunning)
        copy.totals(heartbeat.totals, losses)
        copy.rules(heartbeat.rules)
        copy.use(heartbeat.use)
        copy.log(heartbeat.use.log)
        if let use = heartbeat.use.beacons { copy.beacons(use) }
        return Array(copy.text.utf8)
    }

    private mutating func run(_ isRunning: Bool) {
        gauge(
            "info", "What runs.", 1,
            labels: "{version=\"\(Self.escaped(context.version))\",hook_set=\"\(Self.escaped(context.hookSet))\"}")
        gauge("running", "Whether tattle runs; 0: it wrote this as it ended.", isRunning ? 1 : 0)
        metric("start_time_seconds", "gauge", "When tracing began, since 1970.")
        sample("start_time_seconds", "", Self.seconds(startedUnixNanoseconds))
    }

    private mutating func totals(_ totals: Totals, _ losses: [LossCause: UInt64]) {
        counter("attempts_total", "Attempts, those among them that rules withheld from the log.", totals.attempts)
        counter("attempts_failed_total", "Attempts that failed at the end, as far as known.", totals.failed)
        counter("attempts_resolved_total", "Outcomes that came after the settle time.", totals.resolved)
        counter("disconnects_total", "Ends of connections and flows.", totals.disconnects)
        metric("records_lost_total", "counter", "Records lost, by cause.")
        for cause in LossCause.allCases {
            sample("records_lost_total", "{cause=\"\(cause.rawValue)\"}", "\(losses[cause] ?? 0)")
        }
    }

    private mutating func rules(_ rules: [RuleCount]) {
        guard !rules.isEmpty else { return }
        metric("rule_records_total", "counter", "Records that a rule of the configuration was for.")
        for rule in rules { sample("rule_records_total", Self.label(rule), "\(rule.matched)") }
        metric("rule_withheld_total", "counter", "Of them: those that are no line of their own.")
        for rule in rules { sample("rule_withheld_total", Self.label(rule), "\(rule.withheld)") }
    }

    private mutating func use(_ use: ResourceUse) {
        metric("cpu_seconds_total", "counter", "CPU time, user and system.")
        sample("cpu_seconds_total", "", Self.seconds(use.cpuNanoseconds))
        gauge("resident_memory_bytes", "Memory in use.", use.residentBytes)
        gauge("ring_bytes", "Size of the ring buffer between kernel and tattle.", use.ringBytes)
        gauge("ring_fill_bytes", "What waited in the ring buffer at the heartbeat.", use.ringFillBytes)
        gauge(
            "ring_high_water_bytes", "The most that was found waiting in the ring buffer since the last heartbeat.",
            use.ringHighWaterBytes)
        gauge("processes_running", "Processes known to run.", UInt64(max(use.runningProcesses, 0)))
        gauge("processes_past", "Runs of programs that are over and still known.", UInt64(max(use.pastProcesses, 0)))
        guard !use.maps.isEmpty else { return }
        metric("map_entries", "gauge", "Entries of a map of what is under way.")
        for map in use.maps { sample("map_entries", Self.label(map), "\(map.entries)") }
        metric("map_capacity", "gauge", "Entries that such a map may have.")
        for map in use.maps { sample("map_capacity", Self.label(map), "\(map.capacity)") }
    }

    private mutating func beacons(_ use: BeaconUse) {
        gauge("beacon_keys", "Pairs of caller and destination whose calls are remembered.", use.keys)
        gauge("beacon_held_bytes", "Memory that they take.", use.heldBytes)
        counter("beacon_forgotten_keys_total", "Pairs that were forgotten for want of room.", use.forgottenKeys)
        counter("beacon_forgotten_calls_total", "The calls of those.", use.forgottenCalls)
        gauge("beacon_waiting", "Pairs that wait to be looked at.", use.waiting)
        counter("beacon_findings_total", "Beacons that were found.", use.findings)
        gauge("beacon_connections", "Held connections whose sends are looked at.", use.connections)
        counter("beacon_connections_omitted_total", "Held connections that were too many.", use.omittedConnections)
    }

    private mutating func log(_ log: LogUse) {
        counter("log_files_total", "Files of the log that were begun.", log.files)
        counter("log_bytes_total", "Bytes of the log that were written.", log.bytes)
        counter("log_lines_total", "Lines of the log that were written.", log.lines)
        gauge("log_backlog_bytes", "Bytes that wait to be written.", log.backlogBytes)
        counter("log_failures_total", "How often the log's folder could not be written to.", log.failures)
        gauge("log_failing", "Whether the log's folder cannot be written to now.", log.isFailing ? 1 : 0)
    }

    private mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        metric(name, "counter", help)
        sample(name, "", "\(value)")
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: UInt64, labels: String = "") {
        metric(name, "gauge", help)
        sample(name, labels, "\(value)")
    }

    private mutating func metric(_ name: String, _ type: String, _ help: String) {
        text += "# HELP tattle_\(name) \(help)\n# TYPE tattle_\(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: String, _ value: String) {
        text += "tattle_\(name)\(labels) \(value)\n"
    }

    private static func label(_ map: MapUse) -> String { "{map=\"\(escaped(map.name))\"}" }

    private static func label(_ rule: RuleCount) -> String {
        "{rule=\"\(escaped(rule.name))\",action=\"\(rule.action.rawValue)\"}"
    }

    /// The inside of a label's value.
    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }

    /// Nanoseconds as seconds, exactly.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
    }
}
