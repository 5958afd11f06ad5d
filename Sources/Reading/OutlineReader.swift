import Model

/// Makes outlines of the lines of a log.
///
/// Syntax is checked in all of each line.
package struct OutlineReader {
    /// How the last line of this run ended, from `agent` on: that is the same in all of them.
    private var tail: [UInt8] = []
    /// Where in that the host's name stands.
    private var tailHost = 0..<0

    /// Begins, and remembers nothing.
    package init() {}

    /// Reads one line.
    ///
    /// - Parameter range: where it stands in `bytes`, without its newline.
    package mutating func read(_ bytes: [UInt8], _ range: Range<Int>) throws(Malformed) -> AttemptOutline {
        var scanner = JSONScanner(bytes, range)
        var outline = AttemptOutline()
        var seen = Seen()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("agent") {
                try agent(&scanner, into: &outline, &seen)
            } else if key.is("host") {
                outline.who.host = try scanner.place(of: "name")
            } else {
                if !key.is("ecs") { seen.tailStart = nil }
                try member(key, &scanner, into: &outline, &seen)
            }
        }
        let end = scanner.index
        guard scanner.peek() == 0, scanner.index >= range.upperBound else { throw scanner.syntaxError }
        guard seen.hasAction else { throw .foreign(missing: "event.action") }
        guard outline.telling != .none else { return outline }
        guard seen.hasProcess else { throw .foreign(missing: "process") }
        guard seen.hasDestination else { throw .foreign(missing: "destination") }
        guard outline.result != nil else { throw .foreign(missing: "tattle.attempt.result that is known") }
        guard outline.started != nil else { throw .foreign(missing: "@timestamp or event.start") }
        if let first = seen.tailStart { remember(bytes, first..<end, host: outline.who.host) }
        return outline
    }

    /// What a line has had so far.
    private struct Seen {
        var hasAction = false
        var hasProcess = false
        var hasDestination = false
        /// Where the value of `agent` is, as long as nothing but `ecs` and `host` came behind it.
        var tailStart: Int?
    }

    @inline(__always)
    private func member(
        _ key: JSONKey, _ scanner: inout JSONScanner, into outline: inout AttemptOutline, _ seen: inout Seen
    ) throws(Malformed) {
        switch key {
        case "@timestamp": outline.time = try scanner.time()
        case "event":
            let action = try event(&scanner, into: &outline)
            seen.hasAction = !action.isEmpty
            outline.telling = .init(JSONKey(scanner.bytes, action))
        // The rest of what is about something else is of no interest.
        case _ where seen.hasAction && outline.telling == .none: try scanner.skip()
        case "network": try network(&scanner, into: &outline)
        case "destination":
            seen.hasDestination = true
            try destination(&scanner, into: &outline)
        case "error": outline.errorCode = try scanner.place(of: "code")
        case "process":
            seen.hasProcess = true
            try process(&scanner, into: &outline.who)
        case "container": outline.who.container = try scanner.place(of: "id")
        case "tattle": try tattle(&scanner, into: &outline)
        default: try scanner.skip()
        }
    }

    /// Passes `agent`, and all that is behind it where that is as in the line before.
    private func agent(
        _ scanner: inout JSONScanner, into outline: inout AttemptOutline, _ seen: inout Seen
    ) throws(Malformed) {
        let first = scanner.index
        guard !tail.isEmpty, first + tail.count <= scanner.end, scanner.bytes.hasBytes(of: tail, at: first) else {
            seen.tailStart = first
            return try scanner.skip()
        }
        // But for the brace that ends the line.
        scanner.pass(value: tail.count - 1)
        outline.who.host = first + tailHost.lowerBound..<first + tailHost.upperBound
    }

    private mutating func remember(_ bytes: [UInt8], _ range: Range<Int>, host: Range<Int>) {
        // Without the name in it, what is remembered would not tell it.
        guard host.lowerBound > range.lowerBound else { return }
        tail = Array(bytes[range])
        tailHost = host.lowerBound - range.lowerBound..<host.upperBound - range.lowerBound
    }

    private func event(_ scanner: inout JSONScanner, into outline: inout AttemptOutline) throws(Malformed) -> Range<Int>
    {
        var action = 0..<0
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "action": action = try scanner.rawString()
            case "start": outline.start = try scanner.time()
            default: try scanner.skip()
            }
        }
        return action
    }

    private func network(_ scanner: inout JSONScanner, into outline: inout AttemptOutline) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("iana_number") {
                outline.transport = Transport(socketProtocol: try scanner.numberInText())
            } else {
                try scanner.skip()
            }
        }
    }

    private func destination(_ scanner: inout JSONScanner, into outline: inout AttemptOutline) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "ip": outline.address = try scanner.address()
            case "port": outline.port = UInt16(truncatingIfNeeded: try scanner.number())
            default: try scanner.skip()
            }
        }
    }

    private func process(_ scanner: inout JSONScanner, into who: inout AttemptOutline.Places) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "executable": who.executable = try scanner.rawString()
            case "name": who.name = try scanner.rawString()
            case "hash": who.hash = try scanner.place(of: "sha256")
            default: try scanner.skip()
            }
        }
    }

    private func tattle(_ scanner: inout JSONScanner, into outline: inout AttemptOutline) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "attempt": try attempt(&scanner, into: &outline)
            case "cgroup": outline.who.groupPath = try scanner.place(of: "path")
            case "unit": outline.who.unit = try scanner.rawString()
            case "process": try details(&scanner, into: &outline.who)
            case "flow": outline.flow = try scanner.flowCounters()
            default: try scanner.skip()
            }
        }
    }

    private func attempt(_ scanner: inout JSONScanner, into outline: inout AttemptOutline) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "result": outline.result = .init(JSONKey(scanner.bytes, try scanner.rawString()))
            case "bytes": outline.bytes = try scanner.number(as: UInt32.self)
            default: try scanner.skip()
            }
        }
    }

    private func details(_ scanner: inout JSONScanner, into who: inout AttemptOutline.Places) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "script": who.script = try scanner.rawString()
            case "package":
                try scanner.enterObject()
                while let key = try scanner.nextKey() {
                    switch key {
                    case "name": who.package = try scanner.rawString()
                    case "unchanged": who.isUnchanged = try scanner.place()
                    default: try scanner.skip()
                    }
                }
            case "namespaces":
                try scanner.enterObject()
                while let key = try scanner.nextKey() {
                    if key.is("user") { who.userNamespace = try scanner.place() } else { try scanner.skip() }
                }
            case "flags": who.flags = try scanner.place()
            case "ancestors":
                try scanner.enterArray()
                while try scanner.nextElement() {
                    let script = try scanner.place(of: "script")
                    if who.ancestorScript.isEmpty { who.ancestorScript = script }
                }
            default: try scanner.skip()
            }
        }
    }
}

extension AttemptOutline.Telling {
    /// By `event.action`.
    fileprivate init(_ action: JSONKey) {
        switch action {
        case "connection_attempted": self = .attempted
        case "connection_resolved": self = .resolved
        case "disconnect_received": self = .ended
        default: self = .none
        }
    }
}

extension AttemptResult {
    /// By its name.
    fileprivate init?(_ name: JSONKey) {
        switch name {
        case "established": self = .established
        case "refused": self = .refused
        case "sent": self = .sent
        case "timed_out": self = .timedOut
        case "unreachable": self = .unreachable
        case "pending": self = .pending
        case "aborted": self = .aborted
        case "denied": self = .denied
        case "reset": self = .reset
        case "failed": self = .failed
        default: return nil
        }
    }
}

extension JSONScanner {
    /// Passes a value; where it stands.
    fileprivate mutating func place() throws(Malformed) -> Range<Int> {
        _ = peek()
        let first = index
        try skip()
        return first..<index
    }

    /// Passes an object; where the inside of its text of this name stands, empty: it has none.
    fileprivate mutating func place(of name: StaticString) throws(Malformed) -> Range<Int> {
        var place = 0..<0
        try enterObject()
        while let key = try nextKey() {
            if key.is(name) { place = try rawString() } else { try skip() }
        }
        return place
    }
}
