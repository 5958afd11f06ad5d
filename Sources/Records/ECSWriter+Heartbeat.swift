import Model

extension ECSWriter {
    mutating func heartbeat(_ event: Heartbeat, into buffer: inout LineBuffer) {
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.bootNanoseconds, clock)
        buffer.literal("\",\"event\":{\"kind\":\"metric\",\"type\":[\"info\"],\"action\":\"heartbeat\"")
        start(event.previousBootNanoseconds, into: &buffer)
        buffer.literal(",\"end\":\"")
        buffer.timestamp(event.bootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
        ownEventEnd(into: &buffer)
        buffer.literal(",\"message\":\"Heartbeat\",\"tattle\":{\"heartbeat\":{\"final\":")
        buffer.literal(event.isFinal ? "true" : "false")
        use(event.use, into: &buffer)
        buffer.literal(event.isReconciled ? ",\"reconciled\":true" : ",\"reconciled\":false")
        if event.isReconciled {
            buffer.literal(",\"namespaces\":[")
            for (index, namespace) in event.namespaces.enumerated() {
                if index > 0 { buffer.byte(UInt8(ascii: ",")) }
                comparison(namespace, into: &buffer)
            }
            buffer.literal("],\"namespaces_omitted\":")
            buffer.decimal(UInt(max(event.omittedNamespaces, 0)))
        }
        buffer.byte(UInt8(ascii: "}"))
        totals(event.totals, into: &buffer)
        buffer.rules(event.rules)
        buffer.raw(constants.tail)
    }

    private func use(_ use: ResourceUse, into buffer: inout LineBuffer) {
        buffer.member("cpu_ns", use.cpuNanoseconds)
        buffer.member("resident_bytes", use.residentBytes)
        buffer.literal(",\"ring\":{\"bytes\":")
        buffer.decimal(use.ringBytes)
        buffer.member("fill_bytes", use.ringFillBytes)
        buffer.member("high_water_bytes", use.ringHighWaterBytes)
        buffer.literal("},\"processes\":{\"running\":")
        buffer.decimal(UInt(max(use.runningProcesses, 0)))
        buffer.member("past", UInt64(max(use.pastProcesses, 0)))
        buffer.literal("},\"maps\":{")
        for (index, map) in use.maps.enumerated() {
            buffer.literal(index == 0 ? "\"" : ",\"")
            buffer.text(map.name)
            buffer.literal("\":{\"entries\":")
            buffer.decimal(map.entries)
            buffer.member("capacity", map.capacity)
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.literal("},\"log\":{\"files\":")
        buffer.decimal(use.log.files)
        buffer.member("bytes", use.log.bytes)
        buffer.member("lines", use.log.lines)
        buffer.member("backlog_bytes", use.log.backlogBytes)
        buffer.member("failures", use.log.failures)
        buffer.literal(use.log.isFailing ? ",\"failing\":true}" : ",\"failing\":false}")
        if let use = use.beacons { beacons(use, into: &buffer) }
    }

    private func beacons(_ use: BeaconUse, into buffer: inout LineBuffer) {
        buffer.literal(",\"beacons\":{\"keys\":")
        buffer.decimal(use.keys)
        buffer.member("held_bytes", use.heldBytes)
        buffer.member("calls", use.calls)
        buffer.member("forgotten_keys", use.forgottenKeys)
        buffer.member("forgotten_calls", use.forgottenCalls)
        buffer.member("waiting", use.waiting)
        buffer.member("findings", use.findings)
        buffer.member("connections", use.connections)
        buffer.member("connections_omitted", use.omittedConnections)
        buffer.byte(UInt8(ascii: "}"))
    }

    private func comparison(_ namespace: NamespaceComparison, into buffer: inout LineBuffer) {
        buffer.literal("{\"netns\":")
        buffer.decimal(namespace.inode)
        if let kernel = namespace.kernel {
            // Few of them grow in a minute; with 64 namespaces the others would fill the log.
            let grown = NetworkCounters.all.filter { kernel[keyPath: $0.path] ?? 0 > 0 }
            buffer.literal(",\"kernel\":{")
            for (index, counter) in grown.enumerated() {
                buffer.literal(index == 0 ? "\"" : ",\"")
                buffer.literal(counter.name)
                buffer.literal("\":")
                buffer.decimal(kernel[keyPath: counter.path] ?? 0)
            }
            buffer.literal("},\"recorded\":{\"tcp_syn\":")
            if namespace.recordedSyns < 0 { buffer.byte(UInt8(ascii: "-")) }
            buffer.decimal(namespace.recordedSyns.magnitude)
            buffer.member("flow_datagrams", namespace.recordedDatagrams)
            buffer.byte(UInt8(ascii: "}"))
        }
        let start = buffer.count
        if let missing = namespace.missingSyns { buffer.member("tcp_syn", missing) }
        if let missing = namespace.missingDatagrams { buffer.member("datagrams", missing) }
        if buffer.count > start { buffer.wrap(",\"missing\":{", from: start) }
        buffer.byte(UInt8(ascii: "}"))
    }

    /// Appends `,"totals":{…}`.
    func totals(_ totals: Totals, into buffer: inout LineBuffer) {
        buffer.literal(",\"totals\":{\"attempts\":")
        buffer.decimal(totals.attempts)
        buffer.member("failed", totals.failed)
        buffer.member("resolved", totals.resolved)
        buffer.member("disconnects", totals.disconnects)
        buffer.member("lost", totals.lost)
        if totals.withheld > 0 { buffer.member("withheld", totals.withheld) }
        buffer.byte(UInt8(ascii: "}"))
    }
}

extension LineBuffer {
    /// Appends `,"name":value`.
    fileprivate mutating func member(_ name: StaticString, _ value: UInt64) {
        literal(",\"")
        literal(name)
        literal("\":")
        decimal(value)
    }
}
