import Model

extension ECSWriter {
    /// Limits in bytes of the line, so that everything at its worst stays under 64 KiB:
    /// 2 × 8 + 16 + 4 KiB, and under 10 KiB for all the rest.
    enum Limit {
        static let path = 8 << 10
        static let arguments = 16 << 10
        static let parentArguments = 4 << 10
    }

    /// Appends everything from `error` up to what `constants.tail` goes on with.
    @inline(__always)
    mutating func rest(
        _ attempt: Attempt, _ attribution: Attribution, _ result: AttemptResult, into buffer: inout LineBuffer
    ) {
        error(attempt.outcome, into: &buffer)
        buffer.literal(",\"process\":{\"thread\":{\"id\":")
        buffer.decimal(attempt.threadID)
        if attempt.threadName.low & 0xff != 0 {
            buffer.literal(",\"name\":\"")
            buffer.escaped(attempt.threadName)
            buffer.literal("\"},\"pid\":")
        } else {
            buffer.literal("},\"pid\":")
        }
        var cuts = fragments.append(attempt, attribution, into: &buffer)
        if cuts == nil {
            let start = buffer.count
            let made = process(attempt, attribution, into: &buffer)
            fragments.keep(from: start, of: buffer, made, for: attempt, attribution)
            cuts = made
        }
        related(attempt, into: &buffer)
        tattle(attempt, attribution.process, result, cuts ?? Cuts(), into: &buffer)
    }

    typealias Cuts = ProcessFragments.Cuts

    /// Appends what is the same in all lines of a process, from its pid on: itself, its parent, its user.
    @inline(never)
    private func process(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) -> Cuts {
        let facts = attribution.process
        var cuts = Cuts(hasCutPath: facts.isExecutableTruncated, hasCutArguments: facts.areArgumentsTruncated)
        buffer.decimal(attempt.process.pid)
        identity(attempt.process, into: &buffer)
        if program(facts, limit: Limit.arguments, into: &buffer) { cuts.hasCutArguments = true }
        if let path = facts.executable, executable(path, into: &buffer) { cuts.hasCutPath = true }
        if let parent = attribution.parent {
            buffer.literal(",\"parent\":{\"pid\":")
            buffer.decimal(parent.identity.pid)
            identity(parent.identity, into: &buffer)
            _ = program(parent, limit: Limit.parentArguments, into: &buffer)
            if let path = parent.executable { _ = executable(path, into: &buffer) }
            buffer.byte(UInt8(ascii: "}"))
        } else if let parent = facts.parentIdentity {
            buffer.literal(",\"parent\":{\"pid\":")
            buffer.decimal(parent.pid)
            identity(parent, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.byte(UInt8(ascii: "}"))
        user(attempt.userID, facts.groupID, into: &buffer)
        return cuts
    }

    @inline(__always)
    private func identity(_ identity: ProcessIdentity, into buffer: inout LineBuffer) {
        guard identity.startBootNanoseconds != 0 else { return }
        buffer.literal(",\"entity_id\":\"")
        entityID(identity, into: &buffer)
        buffer.literal("\",\"start\":\"")
        buffer.timestamp(identity.startBootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
    }

    /// Appends name and arguments.
    /// - Returns: whether arguments were cut here.
    private func program(_ facts: ProcessFacts, limit: Int, into buffer: inout LineBuffer) -> Bool {
        if !facts.name.isEmpty {
            buffer.literal(",\"name\":\"")
            buffer.escaped(facts.name)
            buffer.byte(UInt8(ascii: "\""))
        }
        guard !facts.arguments.isEmpty else { return false }
        if !facts.areArgumentsTruncated {
            buffer.literal(",\"args_count\":")
            buffer.decimal(UInt(facts.arguments.count))
        }
        buffer.literal(",\"args\":[")
        let isWhole = buffer.strings(facts.arguments, limit: limit)
        buffer.byte(UInt8(ascii: "]"))
        return !isWhole
    }

    /// Appends the path; one that is too long loses its front, as in the kernel.
    /// - Returns: whether it was cut here.
    private func executable(_ path: [UInt8], into buffer: inout LineBuffer) -> Bool {
        buffer.literal(",\"executable\":\"")
        let start = buffer.count
        let isWhole = buffer.escaped(path, limit: Limit.path)
        if !isWhole {
            buffer.truncate(to: start)
            // Even at six for one the rest fits. Not in the midst of a character.
            var rest = path.suffix(Limit.path / 6)
            for _ in 0..<3 where rest.first.map({ $0 & 0xc0 == 0x80 }) == true { rest = rest.dropFirst() }
            buffer.escaped(Array(rest), limit: Limit.path)
        }
        buffer.byte(UInt8(ascii: "\""))
        return !isWhole
    }

    private func user(_ userID: UInt32, _ groupID: UInt32?, into buffer: inout LineBuffer) {
        buffer.literal(",\"user\":{\"id\":\"")
        buffer.decimal(userID)
        buffer.byte(UInt8(ascii: "\""))
        if let name = names(userID) {
            buffer.literal(",\"name\":\"")
            buffer.escaped(name)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.byte(UInt8(ascii: "}"))
        if let groupID {
            buffer.literal(",\"group\":{\"id\":\"")
            buffer.decimal(groupID)
            buffer.literal("\"}")
        }
    }

    private func related(_ attempt: Attempt, into buffer: inout LineBuffer) {
        buffer.literal(",\"related\":{\"ip\":[\"")
        if let source = attempt.source, !source.address.isUnspecified, source.address != attempt.destination.address {
            buffer.address(source.address)
            buffer.literal("\",\"")
        }
        buffer.address(attempt.destination.address)
        buffer.literal("\"]}")
    }
}

extension LineBuffer {
    /// Appends the inside of a JSON array of strings, at most `limit` bytes.
    /// - Returns: whether all of it went in. The last one that did may be cut.
    mutating func strings(_ values: [[UInt8]], limit: Int) -> Bool {
        let end = count + limit
        var isFirst = true
        for value in values {
            // A comma and two quotes must go in, whatever else.
            let left = end - count - 3
            guard left >= (value.isEmpty ? 0 : 8) else { return false }
            if !isFirst { byte(UInt8(ascii: ",")) }
            isFirst = false
            byte(UInt8(ascii: "\""))
            let isWhole = escaped(value, limit: left)
            byte(UInt8(ascii: "\""))
            if !isWhole { return false }
        }
        return true
    }
}
