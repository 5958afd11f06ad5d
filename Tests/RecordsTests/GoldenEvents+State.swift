import Model

/// Events that tell of a state: sockets that were there, life signs.
extension GoldenFile {
    /// `[existing]`: `owners`, `direction`, `state` and `inode`; no `[process]`: nobody holds it.
    func existing() throws -> ExistingEvent {
        let values = Dictionary(uniqueKeysWithValues: values("existing").map { ($0.name, $0.value) })
        guard let direction = values["direction"].flatMap(ConnectionDirection.init),
            let state = values["state"].flatMap(UInt8.init).flatMap(SocketState.init)
        else { throw GoldenProblem(text: "\(name): [existing] lacks direction or state") }
        return ExistingEvent(
            attempt: try attempt(), attribution: sections["process"] == nil ? nil : try attribution(),
            otherOwners: values["other_owners"].flatMap(Int.init) ?? 0, direction: direction, state: state,
            inode: values["inode"].flatMap(UInt64.init) ?? 0)
    }

    /// `[heartbeat]` with the totals, then `[namespace N]` for each.
    func heartbeat() -> Heartbeat {
        let values = Dictionary(uniqueKeysWithValues: values("heartbeat").map { ($0.name, $0.value) })
        let number = { (name: String) in values[name].flatMap(UInt64.init) ?? 0 }
        var totals = Totals()
        (totals.attempts, totals.failed, totals.resolved) = (number("attempts"), number("failed"), number("resolved"))
        (totals.disconnects, totals.lost) = (number("disconnects"), number("lost"))
        totals.withheld = number("withheld")
        let inodes = sections.keys.filter { $0.hasPrefix("namespace ") }.compactMap { UInt32($0.dropFirst(10)) }
        return Heartbeat(
            bootNanoseconds: number("at"), previousBootNanoseconds: number("previous"),
            isFinal: values["final"] == "true", totals: totals, rules: rules(),
            use: ResourceUse(
                cpuNanoseconds: number("cpu"), residentBytes: number("resident"), ringBytes: number("ring"),
                ringFillBytes: number("fill"), ringHighWaterBytes: number("high_water"),
                runningProcesses: Int(number("running")), pastProcesses: Int(number("past")),
                maps: ["tcp_attempts", "udp_flows"].filter { values[$0] != nil }.map {
                    MapUse(name: $0, entries: number($0), capacity: 65_536)
                },
                log: LogUse(
                    files: number("files"), bytes: number("log_bytes"), lines: number("lines"),
                    backlogBytes: number("backlog"), failures: number("failures"),
                    isFailing: values["failing"] == "true")),
            isReconciled: values["reconciled"] == "true", namespaces: inodes.sorted().map(comparison),
            omittedNamespaces: Int(number("omitted")))
    }

    private func comparison(_ inode: UInt32) -> NamespaceComparison {
        let values = Dictionary(uniqueKeysWithValues: values("namespace \(inode)").map { ($0.name, $0.value) })
        var kernel: NetworkCounters?
        if values["first"] != "true" {
            var counters = NetworkCounters()
            for (name, path) in NetworkCounters.all { counters[keyPath: path] = values["\(name)"].flatMap(UInt64.init) }
            kernel = counters
        }
        return NamespaceComparison(
            inode: inode, kernel: kernel, recordedSyns: values["recorded"].flatMap(Int64.init) ?? 0,
            recordedDatagrams: values["datagrams"].flatMap(UInt64.init) ?? 0,
            missingSyns: values["missing"].flatMap(UInt64.init),
            missingDatagrams: values["missing_datagrams"].flatMap(UInt64.init))
    }
}
