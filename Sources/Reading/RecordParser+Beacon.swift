import Model

/// `tattle.beacon`.
extension RecordParser {
    func beacon(_ scanner: inout JSONScanner) throws(Malformed) -> BeaconFacts {
        var beacon = BeaconFacts()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id":
                guard let id = UInt64(try scanner.text(), radix: 16) else { throw scanner.valueError }
                beacon.id = id
            case "tellings": beacon.tellings = try scanner.number()
            case "score": beacon.score = try scanner.fraction()
            case "threshold": beacon.threshold = try scanner.fraction()
            case "scope": beacon.scope = try scanner.text()
            case "caller": (beacon.callerKind, beacon.caller) = try caller(&scanner)
            case "destination": beacon.destination = try scanner.text()
            case "period_seconds": beacon.periodSeconds = try scanner.fraction()
            case "deviation_seconds": beacon.deviationSeconds = try scanner.fraction()
            case "missed_share": beacon.missedShare = try scanner.fraction()
            case "stray_share": beacon.strayShare = try scanner.fraction()
            case "beats": beacon.beats = try scanner.number()
            case "calls": beacon.calls = try scanner.number()
            case "lifetime_seconds": beacon.lifetimeSeconds = try scanner.fraction()
            case "chance_power_of_ten": beacon.chancePowerOfTen = try scanner.fraction()
            case "parts":
                try scanner.enterObject()
                while let name = try scanner.nextName() {
                    beacon.parts.append(
                        BeaconFacts.Part(name: String(decoding: name, as: UTF8.self), value: try scanner.fraction()))
                }
            case "modifiers":
                try scanner.enterArray()
                while try scanner.nextElement() { beacon.modifiers.append(try modifier(&scanner)) }
            case "endings":
                try scanner.enterObject()
                while let name = try scanner.nextName() {
                    beacon.endings.append(
                        BeaconFacts.Ending(name: String(decoding: name, as: UTF8.self), count: try scanner.number()))
                }
            case "alike": beacon.alike = try scanner.texts().map { String(decoding: $0, as: UTF8.self) }
            default: try scanner.skip()
            }
        }
        return beacon
    }

    private func caller(_ scanner: inout JSONScanner) throws(Malformed) -> (kind: String, name: String) {
        var (kind, name) = ("", "")
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "kind": kind = try scanner.text()
            case "name": name = try scanner.text()
            default: try scanner.skip()
            }
        }
        return (kind, name)
    }

    private func modifier(_ scanner: inout JSONScanner) throws(Malformed) -> BeaconFacts.Modifier {
        var modifier = BeaconFacts.Modifier(name: "", change: 0, reason: "")
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "name": modifier.name = try scanner.text()
            case "change": modifier.change = try scanner.fraction()
            case "reason": modifier.reason = try scanner.text()
            default: try scanner.skip()
            }
        }
        return modifier
    }
}

extension JSONScanner {
    /// Passes a number that may have a fraction.
    mutating func fraction() throws(Malformed) -> Double {
        _ = peek()
        let first = index
        try skip()
        guard let value = Double(String(decoding: bytes[first..<index], as: UTF8.self)), value.isFinite else {
            throw valueError
        }
        return value
    }
}
