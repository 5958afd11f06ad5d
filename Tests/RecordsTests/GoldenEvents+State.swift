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

    /// `[beacon]`, with `part`, `modifier`, `ending` and `alike` as often as there are any.
    func beacon() throws -> BeaconEvent {
        let values = values("beacon")
        func first(_ name: String) -> String { values.first { $0.name == name }?.value ?? "" }
        func number(_ name: String) -> UInt64 { UInt64(first(name)) ?? 0 }
        func fraction(_ name: String) -> Double { Double(first(name)) ?? 0 }
        func all(_ name: String) -> [[String]] {
            values.filter { $0.name == name }.map {
                $0.value.split(separator: " ", maxSplits: 2).map(String.init)
            }
        }
        var beacon = BeaconFacts()
        (beacon.id, beacon.tellings, beacon.score) = (number("id"), number("tellings"), fraction("score"))
        (beacon.scope, beacon.callerKind, beacon.caller) = (first("scope"), first("kind"), first("caller"))
        (beacon.destination, beacon.sentence) = (first("destination"), first("sentence"))
        (beacon.periodSeconds, beacon.deviationSeconds) = (fraction("period"), fraction("deviation"))
        (beacon.missedShare, beacon.strayShare) = (fraction("missed"), fraction("stray"))
        (beacon.beats, beacon.calls) = (number("beats"), number("calls"))
        (beacon.lifetimeSeconds, beacon.chancePowerOfTen) = (fraction("lifetime"), fraction("chance"))
        beacon.parts = all("part").map { .init(name: $0[0], value: Double($0[1]) ?? 0) }
        beacon.modifiers = all("modifier").map { .init(name: $0[0], change: Double($0[1]) ?? 0, reason: $0[2]) }
        beacon.endings = all("ending").map { .init(name: $0[0], count: UInt64($0[1]) ?? 0) }
        beacon.alike = all("alike").map { $0[0] }
        return BeaconEvent(
            attempt: try attempt(), attribution: try attribution(), foundBootNanoseconds: number("found"),
            firstBootNanoseconds: number("first"), lastBootNanoseconds: number("last"), beacon: beacon)
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
