import Model

/// `tattle`, as far as it is of an attempt.
extension RecordParser {
    mutating func tattle(_ scanner: inout JSONScanner, into fields: inout RecordFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "attempt": try attempt(&scanner, into: &fields.tattle)
            case "via": fields.tattle.via = try via(&scanner)
            case "blocked_by": fields.tattle.blocker = try blocker(&scanner)
            case "destination": try destination(&scanner, into: &fields.tattle)
            case "socket": try socket(&scanner, into: &fields.tattle)
            case "netns": fields.tattle.namespace = try scanner.number(as: UInt32.self)
            case "destination_from_user_memory": fields.tattle.isFromUserMemory = try scanner.flag()
            case "cgroup": try controlGroup(&scanner, into: &fields.place)
            case "unit": fields.place.unit = try scanner.text()
            case "slice": fields.place.slice = try scanner.text()
            case "attribution": fields.tattle.source = try attribution(&scanner)
            case "process": try details(&scanner, into: &fields)
            case "connection": try connection(&scanner, into: &fields.tattle)
            case "flow": fields.tattle.flow = try scanner.flowCounters()
            case "aggregate": fields.tattle.aggregate = try aggregate(&scanner)
            default: try ofRun(key, &scanner, into: &fields.tattle)
            }
        }
    }

    private func attempt(_ scanner: inout JSONScanner, into tattle: inout TattleFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id":
                let parts = try scanner.idParts()
                guard parts.count == 2, let id = UInt64(ascii: parts[1]) else { throw scanner.valueError }
                tattle.attemptID = id
            case "result": tattle.result = try scanner.text()
            case "bytes": tattle.attemptBytes = try scanner.number(as: UInt32.self)
            default: try scanner.skip()
            }
        }
    }

    private func via(_ scanner: inout JSONScanner) throws(Malformed) -> Via {
        switch try scanner.text() {
        case "fast_open": .fastOpen
        case "mptcp": .mptcp
        case "packet": .packet
        case "raw": .raw
        case "io_uring": .ioUring
        case "sendmmsg": .sendmmsg
        case "splice": .splice
        case "kernel": .kernel
        case "syscall": .syscall
        default: throw scanner.valueError
        }
    }

    private func blocker(_ scanner: inout JSONScanner) throws(Malformed) -> Blocker {
        switch try scanner.text() {
        case "lsm": .securityModule
        case "cgroup": .cgroup
        case "netfilter": .netfilter
        case "route": .route
        default: throw scanner.valueError
        }
    }

    private func destination(_ scanner: inout JSONScanner, into tattle: inout TattleFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("scope") {
                tattle.isBroadcast = try scanner.text() == "broadcast"
            } else {
                try scanner.skip()
            }
        }
    }

    private func socket(_ scanner: inout JSONScanner, into tattle: inout TattleFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("interface_index") {
                tattle.interface = try scanner.number(as: UInt32.self)
            } else {
                try scanner.skip()
            }
        }
    }

    private func controlGroup(_ scanner: inout JSONScanner, into place: inout PlaceFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id": place.groupID = try scanner.numberInText()
            case "path": place.groupPath = try scanner.textBytes()
            default: try scanner.skip()
            }
        }
    }

    private func attribution(_ scanner: inout JSONScanner) throws(Malformed) -> String? {
        var source: String?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("source") { source = try scanner.text() } else { try scanner.skip() }
        }
        return source
    }

    private func connection(_ scanner: inout JSONScanner, into tattle: inout TattleFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "retransmits": tattle.retransmits = try scanner.number()
            case "state": tattle.socketState = try scanner.text()
            case "inode": tattle.socketInode = try scanner.numberInText()
            case "other_owners": tattle.otherOwners = Int(clamping: try scanner.number())
            default: try scanner.skip()
            }
        }
    }
}

extension JSONScanner {
    /// Passes what was counted of a flow; its times are still those of the wall clock.
    mutating func flowCounters() throws(Malformed) -> FlowCounters {
        var flow = FlowCounters(
            attemptID: 0, firstBootNanoseconds: 0, lastBootNanoseconds: 0, datagrams: 0, bytes: 0, failures: 0,
            gapMinimumNanoseconds: 0, gapMaximumNanoseconds: 0, gapSquareSum: 0)
        var (mean, deviation): (UInt64, UInt64) = (0, 0)
        try enterObject()
        while let key = try nextKey() {
            switch key {
            case "datagrams": flow.datagrams = try number()
            case "failures": flow.failures = try number()
            case "first": flow.firstBootNanoseconds = try time()
            case "last": flow.lastBootNanoseconds = try time()
            case "gap":
                try enterObject()
                while let key = try nextKey() {
                    switch key {
                    case "min_ns": flow.gapMinimumNanoseconds = try number()
                    case "max_ns": flow.gapMaximumNanoseconds = try number()
                    case "mean_ns": mean = try number()
                    case "stddev_ns": deviation = try number()
                    default: try skip()
                    }
                }
            default: try skip()
            }
        }
        // Mean and deviation were made of the sum of squares, which is in square microseconds.
        let square = (Double(mean) * Double(mean) + Double(deviation) * Double(deviation)) * 1e-6
        let sends = flow.datagrams &+ flow.failures
        flow.gapSquareSum = sends > 1 ? UInt64(min(square * Double(sends - 1), 1.8e19).rounded(.up)) : 0
        return flow
    }
}
