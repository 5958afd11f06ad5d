public import Model

/// `tattle.beacon`, which is the same in every form and wherever it was found.
public enum BeaconMembers {
    /// The object as JSON.
    public static func object(_ beacon: BeaconFacts) -> [UInt8] {
        var buffer = LineBuffer(capacity: 2048)
        buffer.beacon(beacon)
        return buffer.copy()
    }
}

extension LineBuffer {
    /// Longer lists and texts are cut: a line has an end.
    private enum Limit {
        static let caller = 1024
        static let alike = 16
        static let modifiers = 16
    }

    /// Appends the value of `tattle.beacon`.
    mutating func beacon(_ beacon: BeaconFacts) {
        literal("{\"id\":\"")
        hexadecimal(beacon.id)
        literal("\",\"tellings\":")
        decimal(beacon.tellings)
        member("score", fraction: beacon.score)
        member("threshold", fraction: beacon.threshold)
        member("scope", text: beacon.scope)
        literal(",\"caller\":{\"kind\":\"")
        text(beacon.callerKind)
        literal("\"")
        member("name", path: Array(beacon.caller.utf8), limit: Limit.caller)
        literal("}")
        member("destination", text: beacon.destination)
        member("period_seconds", fraction: beacon.periodSeconds)
        member("deviation_seconds", fraction: beacon.deviationSeconds)
        member("missed_share", fraction: beacon.missedShare)
        member("stray_share", fraction: beacon.strayShare)
        literal(",\"beats\":")
        decimal(beacon.beats)
        literal(",\"calls\":")
        decimal(beacon.calls)
        member("lifetime_seconds", fraction: beacon.lifetimeSeconds)
        member("chance_power_of_ten", fraction: beacon.chancePowerOfTen)
        object(",\"parts\":{", beacon.parts, name: \.name) { $0.fraction($1.value) }
        lists(beacon)
        literal("}")
    }

    private mutating func lists(_ beacon: BeaconFacts) {
        literal(",\"modifiers\":[")
        for (index, modifier) in beacon.modifiers.prefix(Limit.modifiers).enumerated() {
            literal(index == 0 ? "{\"name\":\"" : ",{\"name\":\"")
            text(modifier.name)
            literal("\"")
            member("change", fraction: modifier.change)
            member("reason", text: modifier.reason)
            literal("}")
        }
        literal("]")
        if !beacon.endings.isEmpty {
            object(",\"endings\":{", beacon.endings, name: \.name) { $0.decimal($1.count) }
        }
        guard !beacon.alike.isEmpty else { return }
        literal(",\"alike\":")
        texts(Array(beacon.alike.prefix(Limit.alike)), limit: 2048)
    }

    /// Appends an object with a member for each of `entries`, behind `beginning`.
    private mutating func object<Entry>(
        _ beginning: StaticString, _ entries: [Entry], name: (Entry) -> String,
        value: (inout LineBuffer, Entry) -> Void
    ) {
        let first = count
        for entry in entries {
            literal(",\"")
            text(name(entry))
            literal("\":")
            value(&self, entry)
        }
        wrap(beginning, from: first)
    }

    private mutating func member(_ name: StaticString, fraction value: Double) {
        literal(",\"")
        literal(name)
        literal("\":")
        fraction(value)
    }

    /// Appends a number with up to six digits behind the point; what is not finite becomes 0.
    mutating func fraction(_ value: Double) {
        let millionths = (value * 1e6).rounded()
        guard millionths.isFinite, abs(millionths) < 9e18 else { return byte(UInt8(ascii: "0")) }
        let magnitude = UInt64(abs(millionths))
        if millionths < 0 { byte(UInt8(ascii: "-")) }
        decimal(magnitude / 1_000_000)
        var rest = UInt32(magnitude % 1_000_000)
        guard rest > 0 else { return }
        var length = 6
        while rest % 10 == 0 {
            rest /= 10
            length -= 1
        }
        byte(UInt8(ascii: "."))
        digits(rest, count: length)
    }
}
