import Model

/// `tattle.heartbeat`.
extension RecordParser {
    func heartbeat(_ scanner: inout JSONScanner) throws(Malformed) -> Heartbeat {
        var heartbeat = Heartbeat(
            bootNanoseconds: 0, previousBootNanoseconds: 0, isFinal: false, totals: Totals(),
            use: ResourceUse(
                cpuNanoseconds: 0, residentBytes: 0, ringBytes: 0, ringFillBytes: 0, ringHighWaterBytes: 0,
                runningProcesses: 0, pastProcesses: 0),
            isReconciled: false, namespaces: [], omittedNamespaces: 0)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "final": heartbeat.isFinal = try scanner.flag()
            case "cpu_ns": heartbeat.use.cpuNanoseconds = try scanner.number()
            case "resident_bytes": heartbeat.use.residentBytes = try scanner.number()
            case "ring": try ring(&scanner, into: &heartbeat.use)
            case "maps": heartbeat.use.maps = try maps(&scanner)
            case "log": heartbeat.use.log = try log(&scanner)
            case "beacons": heartbeat.use.beacons = try beacons(&scanner)
            case "processes": try processes(&scanner, into: &heartbeat.use)
            case "reconciled": heartbeat.isReconciled = try scanner.flag()
            case "namespaces":
                try scanner.enterArray()
                while try scanner.nextElement() { heartbeat.namespaces.append(try comparison(&scanner)) }
            case "namespaces_omitted": heartbeat.omittedNamespaces = Int(clamping: try scanner.number())
            default: try scanner.skip()
            }
        }
        return heartbeat
    }

    private func ring(_ scanner: inout JSONScanner, into use: inout ResourceUse) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "bytes": use.ringBytes = try scanner.number()
            case "fill_bytes": use.ringFillBytes = try scanner.number()
            case "high_water_bytes": use.ringHighWaterBytes = try scanner.number()
            default: try scanner.skip()
            }
        }
    }

    private func processes(_ scanner: inout JSONScanner, into use: inout ResourceUse) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "running": use.runningProcesses = Int(clamping: try scanner.number())
            case "past": use.pastProcesses = Int(clamping: try scanner.number())
            default: try scanner.skip()
            }
        }
    }

    private func maps(_ scanner: inout JSONScanner) throws(Malformed) -> [MapUse] {
        var maps: [MapUse] = []
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let names: [StaticString] = ["tcp_attempts", "udp_sockets", "udp_flows"]
            guard let name = names.first(where: { key.is($0) }) else {
                try scanner.skip()
                continue
            }
            var map = MapUse(name: name.description, entries: 0, capacity: 0)
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "entries": map.entries = try scanner.number()
                case "capacity": map.capacity = try scanner.number()
                default: try scanner.skip()
                }
            }
            maps.append(map)
        }
        return maps
    }

    private func log(_ scanner: inout JSONScanner) throws(Malformed) -> LogUse {
        var log = LogUse()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "files": log.files = try scanner.number()
            case "bytes": log.bytes = try scanner.number()
            case "lines": log.lines = try scanner.number()
            case "backlog_bytes": log.backlogBytes = try scanner.number()
            case "failures": log.failures = try scanner.number()
            case "failing": log.isFailing = try scanner.flag()
            default: try scanner.skip()
            }
        }
        return log
    }

    private func beacons(_ scanner: inout JSONScanner) throws(Malformed) -> BeaconUse {
        var use = BeaconUse()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "keys": use.keys = try scanner.number()
            case "held_bytes": use.heldBytes = try scanner.number()
            case "calls": use.calls = try scanner.number()
            case "forgotten_keys": use.forgottenKeys = try scanner.number()
            case "forgotten_calls": use.forgottenCalls = try scanner.number()
            case "waiting": use.waiting = try scanner.number()
            case "findings": use.findings = try scanner.number()
            case "connections": use.connections = try scanner.number()
            case "connections_omitted": use.omittedConnections = try scanner.number()
            default: try scanner.skip()
            }
        }
        return use
    }

    private func comparison(_ scanner: inout JSONScanner) throws(Malformed) -> NamespaceComparison {
        var comparison = NamespaceComparison(inode: 0, kernel: nil, recordedSyns: 0, recordedDatagrams: 0)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "netns": comparison.inode = try scanner.number(as: UInt32.self)
            case "kernel": comparison.kernel = try counters(&scanner)
            case "recorded":
                try scanner.enterObject()
                while let key = try scanner.nextKey() {
                    switch key {
                    case "tcp_syn": comparison.recordedSyns = try scanner.signedNumber()
                    case "flow_datagrams": comparison.recordedDatagrams = try scanner.number()
                    default: try scanner.skip()
                    }
                }
            case "missing":
                try scanner.enterObject()
                while let key = try scanner.nextKey() {
                    switch key {
                    case "tcp_syn": comparison.missingSyns = try scanner.number()
                    case "datagrams": comparison.missingDatagrams = try scanner.number()
                    default: try scanner.skip()
                    }
                }
            default: try scanner.skip()
            }
        }
        return comparison
    }

    private func counters(_ scanner: inout JSONScanner) throws(Malformed) -> NetworkCounters {
        var counters = NetworkCounters()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if let (_, path) = NetworkCounters.all.first(where: { key.is($0.name) }) {
                counters[keyPath: path] = try scanner.number()
            } else {
                try scanner.skip()
            }
        }
        return counters
    }
}
