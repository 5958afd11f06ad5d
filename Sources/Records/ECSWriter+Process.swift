import Model

extension ECSWriter {
    /// Limits in bytes of the line, so that everything at its worst stays under 64 KiB.
    enum Limit {
        static let path = 8 << 10
        /// More, where others need less.
        static let arguments = 14 << 10
        static let folder = 3 << 10
        static let script = 3 << 10
        static let variable = 512
        static let parentPath = 2 << 10
        static let parentArguments = 3 << 10
        static let ancestorPath = 96
        static let groupPath = 2 << 10
    }

    /// What of a process did not fit.
    struct Cuts {
        var path = false
        var arguments = false
    }

    /// Appends everything from `error` on, up to what is said of the process within `tattle`.
    /// - Returns: what that is.
    @inline(__always)
    mutating func rest(
        _ attempt: Attempt, _ attribution: Attribution, _ result: AttemptResult, into buffer: inout LineBuffer
    ) -> ProcessText {
        error(attempt.outcome, into: &buffer)
        let text = who(attempt, attribution, into: &buffer)
        tattle(attempt, result, into: &buffer)
        return text
    }

    /// Appends `process` and what stands beside it.
    /// - Returns: what was rendered of the process.
    @inline(__always)
    mutating func who(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) -> ProcessText {
        let text = fragments.text(of: attempt, attribution) ?? render(attempt, attribution)
        if text.hasThread(of: attempt) {
            text.appendWho(into: &buffer)
        } else {
            text.appendProcess(into: &buffer)
            thread(attempt, into: &buffer)
            text.appendOwner(into: &buffer)
        }
        let isBegun = beginRelated(attempt, into: &buffer)
        if text.hasHash {
            if isBegun { buffer.byte(UInt8(ascii: ",")) } else { buffer.literal(",\"related\":{") }
            text.appendHash(into: &buffer)
        }
        if isBegun || text.hasHash { buffer.byte(UInt8(ascii: "}")) }
        return text
    }

    /// Renders what is the same in all lines of a process, and keeps it.
    @inline(never)
    private mutating func render(_ attempt: Attempt, _ attribution: Attribution) -> ProcessText {
        var buffer = LineBuffer(capacity: 4096)
        var marks = ProcessText.Marks()
        let cuts = process(attempt, attribution, into: &buffer)
        marks.process = buffer.count
        thread(attempt, into: &buffer)
        marks.thread = buffer.count
        owner(attempt, attribution, into: &buffer)
        marks.owner = buffer.count
        if let hash = attribution.file?.sha256 {
            buffer.literal("\"hash\":[\"")
            buffer.hexadecimal(hash)
            buffer.literal("\"]")
        }
        marks.hash = buffer.count
        place(attempt, attribution, into: &buffer)
        programDetails(attempt, attribution, cuts, into: &buffer)
        marks.tattle = buffer.count
        buffer.raw(constants.tail)
        return fragments.keep(ProcessText(buffer, marks, of: attempt, attribution))
    }

    /// Appends the rest of the thread, and the end of `process`.
    private func thread(_ attempt: Attempt, into buffer: inout LineBuffer) {
        buffer.literal("\"id\":")
        buffer.decimal(attempt.threadID)
        if attempt.threadName.low & 0xff != 0 {
            buffer.literal(",\"name\":\"")
            buffer.escaped(attempt.threadName)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.literal("}}")
    }

    /// Appends `process` from its beginning to the inside of `thread`.
    private mutating func process(
        _ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer
    ) -> Cuts {
        let facts = attribution.process
        buffer.literal(",\"process\":{\"pid\":")
        buffer.decimal(attempt.process.pid)
        identity(attempt.process, into: &buffer)
        var cuts = program(facts.program, Limit.path, Self.argumentsLimit(facts.program), into: &buffer)
        cuts.path = cuts.path || facts.program.marks.contains(.pathCut)
        cuts.arguments = cuts.arguments || facts.program.areArgumentsCut
        if let folder = facts.program.workingFolder {
            buffer.member("working_directory", path: folder, limit: Limit.folder)
        }
        if facts.namespacePID != 0, facts.namespacePID != attempt.process.pid {
            buffer.literal(",\"vpid\":")
            buffer.decimal(facts.namespacePID)
        }
        if let terminal = facts.surroundings.terminal {
            buffer.literal(",\"tty\":{\"char_device\":{\"major\":")
            buffer.decimal(terminal >> 20)
            buffer.literal(",\"minor\":")
            buffer.decimal(terminal & 0xfffff)
            buffer.literal("}}")
        }
        if let hash = attribution.file?.sha256 {
            buffer.literal(",\"hash\":{\"sha256\":\"")
            buffer.hexadecimal(hash)
            buffer.literal("\"}")
        }
        credentials(attempt, facts.surroundings.credentials, into: &buffer)
        parent(of: facts, into: &buffer)
        if let leader = facts.surroundings.sessionLeader { self.leader(leader, into: &buffer) }
        buffer.literal(",\"thread\":{")
        if let capabilities = attempt.capabilities ?? facts.surroundings.credentials.capabilities {
            if lastCapabilities?.mask != capabilities { lastCapabilities = (capabilities, Self.text(of: capabilities)) }
            if let text = lastCapabilities?.text { buffer.raw(text) }
        }
        return cuts
    }

    /// The member `capabilities` of a thread: all of them are 41 names, and one process after the other has the same.
    private static func text(of capabilities: UInt64) -> [UInt8] {
        var buffer = LineBuffer(capacity: 1024)
        buffer.literal("\"capabilities\":{\"effective\":[")
        for (index, name) in Capabilities.names(of: capabilities).enumerated() {
            if index > 0 { buffer.byte(UInt8(ascii: ",")) }
            buffer.byte(UInt8(ascii: "\""))
            buffer.text(name)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.literal("]},")
        return buffer.copy()
    }

    /// What path, folder and script leave of their places is for the arguments.
    private static func argumentsLimit(_ program: Program) -> Int {
        // A byte takes six at most.
        func left(_ count: Int, _ limit: Int) -> Int { max(0, limit - 6 * count) }
        let counts = program.textByteCounts
        return Limit.arguments + left(counts.executable, Limit.path) + left(counts.workingFolder, Limit.folder)
            + left(counts.script, Limit.script)
    }

    private func parent(of facts: ProcessFacts, into buffer: inout LineBuffer) {
        if let parent = facts.parent {
            buffer.literal(",\"parent\":{\"pid\":")
            buffer.decimal(parent.identity.pid)
            identity(parent.identity, into: &buffer)
            _ = program(parent.program, Limit.parentPath, Limit.parentArguments, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        } else if let parent = facts.parentIdentity {
            buffer.literal(",\"parent\":{\"pid\":")
            buffer.decimal(parent.pid)
            identity(parent, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        var isFirst = true
        facts.forEachAncestor { ancestor in
            guard ancestor.identity.startBootNanoseconds != 0 else { return }
            buffer.literal(isFirst ? ",\"Ext\":{\"ancestry\":[\"" : ",\"")
            isFirst = false
            entityID(ancestor.identity, into: &buffer)
            buffer.byte(UInt8(ascii: "\""))
        }
        if !isFirst { buffer.literal("]}") }
    }

    private func leader(_ leader: SessionLeader, into buffer: inout LineBuffer) {
        buffer.literal(",\"session_leader\":{\"pid\":")
        buffer.decimal(leader.identity.pid)
        identity(leader.identity, into: &buffer)
        if let program = leader.program {
            buffer.member("name", program.name)
            if let path = program.executable { buffer.member("executable", path: path, limit: Limit.ancestorPath) }
        }
        buffer.byte(UInt8(ascii: "}"))
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

    /// Appends name, arguments and path.
    /// - Returns: what was cut here.
    private func program(
        _ program: Program, _ pathLimit: Int, _ argumentsLimit: Int, into buffer: inout LineBuffer
    ) -> Cuts {
        var cuts = Cuts()
        buffer.member("name", program.name)
        let arguments = program.arguments
        if !arguments.isEmpty {
            if !program.areArgumentsCut {
                buffer.literal(",\"args_count\":")
                buffer.decimal(UInt(arguments.count))
            }
            buffer.literal(",\"args\":[")
            cuts.arguments = !buffer.strings(arguments, limit: argumentsLimit)
            buffer.byte(UInt8(ascii: "]"))
        }
        if let path = program.executable {
            cuts.path = !buffer.member("executable", path: path, limit: pathLimit)
        }
        return cuts
    }

    /// Appends `related` but its closing brace, if there are addresses in it.
    /// - Returns: whether there are.
    @inline(__always)
    func beginRelated(_ attempt: Attempt, into buffer: inout LineBuffer) -> Bool {
        guard attempt.destination.kind == .ip else { return false }
        buffer.literal(",\"related\":{\"ip\":[\"")
        if let source = attempt.source, !source.address.isUnspecified, source.address != attempt.destination.address {
            buffer.address(source.address)
            buffer.literal("\",\"")
        }
        buffer.address(attempt.destination.address)
        buffer.literal("\"]")
        return true
    }
}
