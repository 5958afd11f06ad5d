import Model

/// The members of a record but `process` and `tattle`.
extension RecordParser {
    func event(_ scanner: inout JSONScanner, into event: inout EventFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "action": event.action = try scanner.text()
            case "id": try id(&scanner, into: &event)
            case "sequence": event.sequence = try scanner.number()
            case "start": event.start = try scanner.time()
            case "end": event.end = try scanner.time()
            case "duration": event.duration = try scanner.number()
            default: try scanner.skip()
            }
        }
    }

    /// `RUN-CPU-HOOK-SEQUENCE-x`, or `RUN-u-NUMBER`; others may give events other ids.
    private func id(_ scanner: inout JSONScanner, into event: inout EventFields) throws(Malformed) {
        let parts = try scanner.idParts()
        if parts.count == 3, parts[1].elementsEqual("u".utf8) {
            event.ownNumber = UInt64(ascii: parts[2])
        } else if parts.count == 5, let cpu = UInt64(ascii: parts[1]).flatMap(UInt32.init(exactly:)),
            let hook = UInt64(ascii: parts[2]).flatMap(UInt8.init(exactly:)), let sequence = UInt64(ascii: parts[3])
        {
            event.reference = RecordReference(cpu: cpu, hook: hook, sequence: sequence)
        }
    }

    func network(_ scanner: inout JSONScanner, into fields: inout RecordFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "transport": fields.transport = try scanner.textBytes()
            case "iana_number": fields.protocolNumber = try scanner.numberInText()
            case "type": fields.networkType = try scanner.textBytes()
            case "direction": fields.isIngress = try scanner.textBytes().elementsEqual("ingress".utf8)
            default: try scanner.skip()
            }
        }
    }

    func side(_ scanner: inout JSONScanner) throws(Malformed) -> SideFields {
        var side = SideFields()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "ip": side.ip = try scanner.address()
            case "address": side.address = try scanner.textBytes()
            case "mac": side.hardwareAddress = try scanner.hardwareAddress()
            case "port": side.port = try scanner.number(as: UInt32.self)
            case "bytes": side.bytes = try scanner.number()
            case "packets": side.packets = try scanner.number()
            default: try scanner.skip()
            }
        }
        return side
    }

    func errorCode(_ scanner: inout JSONScanner) throws(Malformed) -> [UInt8]? {
        var code: [UInt8]?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("code") { code = try scanner.textBytes() } else { try scanner.skip() }
        }
        return code
    }

    func container(_ scanner: inout JSONScanner, into place: inout PlaceFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id": place.containerID = try scanner.text()
            case "runtime": place.containerRuntime = try scanner.text()
            default: try scanner.skip()
            }
        }
    }

    func kubernetes(_ scanner: inout JSONScanner, into place: inout PlaceFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard key.is("pod") else {
                try scanner.skip()
                continue
            }
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                if key.is("uid") { place.podUID = try scanner.text() } else { try scanner.skip() }
            }
        }
    }

    mutating func agent(_ scanner: inout JSONScanner) throws(Malformed) {
        let first = scanner.index
        if !lastAgent.isEmpty, first + lastAgent.count <= scanner.end, scanner.bytes.hasBytes(of: lastAgent, at: first)
        {
            scanner.pass(value: lastAgent.count)
            return
        }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "version": run.version = try scanner.text()
            case "ephemeral_id": run.runID = try scanner.text()
            default: try scanner.skip()
            }
        }
        lastAgent = Array(scanner.bytes[first..<scanner.index])
    }

    mutating func host(_ scanner: inout JSONScanner) throws(Malformed) {
        let first = scanner.index
        if !lastHost.isEmpty, first + lastHost.count <= scanner.end, scanner.bytes.hasBytes(of: lastHost, at: first) {
            scanner.pass(value: lastHost.count)
            return
        }
        (run.machineID, run.operatingSystem) = (nil, nil)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "name": run.hostName = try scanner.text()
            case "id": run.machineID = try scanner.text()
            case "architecture": run.architecture = try scanner.text()
            case "boot": run.bootID = try bootID(&scanner)
            case "os": try operatingSystem(&scanner)
            default: try scanner.skip()
            }
        }
        lastHost = Array(scanner.bytes[first..<scanner.index])
    }

    private func bootID(_ scanner: inout JSONScanner) throws(Malformed) -> String {
        var id = ""
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("id") { id = try scanner.text() } else { try scanner.skip() }
        }
        return id
    }

    private mutating func operatingSystem(_ scanner: inout JSONScanner) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "kernel": run.kernelRelease = try scanner.text()
            case "full": run.operatingSystem = try scanner.text()
            default: try scanner.skip()
            }
        }
    }
}
