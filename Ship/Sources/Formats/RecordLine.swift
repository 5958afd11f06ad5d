public import Reading

/// A record's line, and where the members stand in it that receivers ask for.
///
/// Of ECS and of OCSF, whose names differ. A member's value is its bytes as they stand there, escapes and all, without
/// quotes; no tree is made.
public struct RecordLine: Sendable, Equatable {
    /// Which line of the batch it is.
    public let index: Int
    /// The line, without its line feed.
    public let range: Range<Int>
    /// `event.id`; `metadata.uid`.
    public private(set) var id: Range<Int>?
    /// Nanoseconds since 1970: `@timestamp`; `metadata.original_time`, else `time`.
    public private(set) var time: UInt64?
    /// `@timestamp`; `metadata.original_time`.
    public private(set) var timestamp: Range<Int>?
    /// `event.action`.
    public private(set) var action: Range<Int>?
    /// `event.kind`.
    public private(set) var kind: Range<Int>?
    /// `host.name`; `device.hostname`.
    public private(set) var host: Range<Int>?
    /// Members that OpenTelemetry's attributes are made of; only if asked for.
    public private(set) var attributes: [Attribute] = []

    /// One of them.
    public struct Attribute: Sendable, Equatable {
        /// Its name, with dots.
        public let name: String
        /// Its value, without quotes.
        public let value: Range<Int>
        /// Whether it stood in quotes; else it is a number.
        public let isText: Bool
    }

    /// Reads a line to its end, so that its syntax is known to be right.
    ///
    /// - Throws: ``Reading/Malformed`` where it is no JSON object.
    public init(
        _ bytes: [UInt8], index: Int, range: Range<Int>, withAttributes: Bool = false
    ) throws(Malformed) {
        (self.index, self.range) = (index, range)
        var scanner = JSONScanner(bytes, range)
        var milliseconds: UInt64?
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            switch Self.part(bytes, name) {
            case .timestamp: try read(time: &scanner)
            case .time where scanner.startsNumber: milliseconds = try scanner.number()
            case .object(let object) where scanner.peek() == UInt8(ascii: "{"):
                try read(object, bytes, &scanner, withAttributes)
            default: try scanner.skip()
            }
        }
        guard scanner.peek() == 0, scanner.index == range.upperBound else { throw scanner.syntaxError }
        if time == nil, let milliseconds, milliseconds < UInt64.max / 1_000_000 { time = milliseconds * 1_000_000 }
    }

    private mutating func read(time scanner: inout JSONScanner) throws(Malformed) {
        var attempt = scanner
        if let value = try? attempt.time(), scanner.peek() == UInt8(ascii: "\"") {
            time = value
            timestamp = try scanner.rawString()
        } else {
            try scanner.skip()
        }
    }

    private mutating func read(
        _ object: Object, _ bytes: [UInt8], _ scanner: inout JSONScanner, _ withAttributes: Bool
    ) throws(Malformed) {
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            switch (object, scanner.peek()) {
            case (.metadata, UInt8(ascii: "\"")) where bytes.stands("original_time", at: name):
                try read(time: &scanner)
            case (_, UInt8(ascii: "\"")):
                keep(try scanner.rawString(), isText: true, of: object, bytes, name, withAttributes)
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")) where withAttributes:
                let first = scanner.index
                try scanner.skip()
                keep(first..<scanner.index, isText: false, of: object, bytes, name, withAttributes)
            default: try scanner.skip()
            }
        }
    }

    private mutating func keep(
        _ value: Range<Int>, isText: Bool, of object: Object, _ bytes: [UInt8], _ name: Range<Int>,
        _ withAttributes: Bool
    ) {
        switch object {
        case .event where bytes.stands("id", at: name), .metadata where bytes.stands("uid", at: name): id = value
        case .event where bytes.stands("kind", at: name): kind = value
        case .event where bytes.stands("action", at: name): action = value
        case .host where bytes.stands("name", at: name), .device where bytes.stands("hostname", at: name): host = value
        default: break
        }
        guard withAttributes else { return }
        for attribute in Self.attributes
        where attribute.object == object && bytes.stands(attribute.member, at: name) {
            attributes.append(Attribute(name: attribute.name, value: value, isText: isText))
        }
    }
}

extension RecordLine {
    /// An object of the first level that is looked into.
    enum Object: Sendable { case event, metadata, host, device, network, destination, process, user, error }

    private enum Part { case timestamp, time, object(Object), other }

    private static func part(_ bytes: [UInt8], _ name: Range<Int>) -> Part {
        if bytes.stands("@timestamp", at: name) { return .timestamp }
        if bytes.stands("time", at: name) { return .time }
        for (text, object) in objects where bytes.stands(text, at: name) { return .object(object) }
        return .other
    }

    private static let objects: [(StaticString, Object)] = [
        ("event", .event), ("network", .network), ("destination", .destination), ("process", .process),
        ("host", .host), ("user", .user), ("error", .error), ("metadata", .metadata), ("device", .device),
    ]

    /// What is also told beside the body, because people search by it.
    private static let attributes: [(object: Object, member: StaticString, name: String)] = [
        (.event, "kind", "event.kind"), (.event, "outcome", "event.outcome"), (.event, "dataset", "event.dataset"),
        (.network, "transport", "network.transport"), (.network, "direction", "network.direction"),
        (.destination, "ip", "destination.ip"), (.destination, "port", "destination.port"),
        (.destination, "domain", "destination.domain"), (.process, "pid", "process.pid"),
        (.process, "name", "process.name"), (.process, "executable", "process.executable"),
        (.user, "id", "user.id"), (.user, "name", "user.name"), (.error, "code", "error.code"),
    ]
}

extension JSONScanner {
    /// Whether a number without a sign is next.
    var startsNumber: Bool {
        mutating get { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek()) }
    }
}

extension [UInt8] {
    /// Whether these characters, and no others, stand there.
    func stands(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for place in 0..<range.count {
            // Within the literal's bytes.
            if unsafe self[range.lowerBound + place] != text.utf8Start[place] { return false }
        }
        return true
    }
}
