import Model

/// `actor`: who made it, rendered once for each process.
extension OCSFWriter {
    /// Limits in bytes of the line, so that everything at its worst stays under 64 KiB.
    private enum Limit {
        static let path = 8 << 10
        static let name = 1536
        static let commandLine = 12 << 10
        static let folder = 3 << 10
        static let script = 3 << 10
        static let variable = 512
        static let parentPath = 2 << 10
        static let parentCommandLine = 3 << 10
        static let ancestorPath = 96
        static let groupPath = 2 << 10
    }

    /// Appends `actor`.
    /// - Returns: what was rendered of the process.
    mutating func actor(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) -> ProcessText {
        let text = fragments.text(of: attempt, attribution) ?? render(attempt, attribution)
        text.appendProcess(into: &buffer)
        buffer.literal(",\"tid\":")
        buffer.decimal(attempt.threadID)
        text.appendOwner(into: &buffer)
        return text
    }

    @inline(never)
    private mutating func render(_ attempt: Attempt, _ attribution: Attribution) -> ProcessText {
        var buffer = LineBuffer(capacity: 4096)
        var marks = ProcessText.Marks()
        process(attempt, attribution, into: &buffer)
        marks.process = buffer.count
        marks.thread = buffer.count
        buffer.literal("},")
        user(attempt.userID, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        marks.owner = buffer.count
        marks.hash = buffer.count
        details(attempt, attribution, into: &buffer)
        marks.tattle = buffer.count
        return fragments.keep(ProcessText(buffer, marks, of: attempt, attribution))
    }

    private func process(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
        let facts = attribution.process
        let credentials = facts.surroundings.credentials
        buffer.literal(",\"actor\":{\"process\":{\"pid\":")
        buffer.decimal(attempt.process.pid)
        identity(attempt.process, into: &buffer)
        program(
            facts.program, file: attribution.file, isDeleted: attempt.isExecutableDeleted, Limit.path,
            Limit.commandLine, into: &buffer)
        if let folder = facts.program.workingFolder {
            buffer.member("working_directory", path: folder, limit: Limit.folder)
        }
        buffer.byte(UInt8(ascii: ","))
        user(attempt.userID, into: &buffer)
        buffer.literal(",\"euid\":")
        buffer.decimal(attempt.effectiveUserID)
        if let group = attempt.effectiveGroupID ?? credentials.effectiveGroupID {
            buffer.literal(",\"egid\":")
            buffer.decimal(group)
        }
        if let login = credentials.loginUserID {
            buffer.literal(",\"auid\":")
            buffer.decimal(login)
        }
        if let group = credentials.groupID {
            buffer.literal(",\"group\":{\"uid\":\"")
            buffer.decimal(group)
            buffer.literal("\"}")
        }
        if facts.namespacePID != 0, facts.namespacePID != attempt.process.pid {
            buffer.literal(",\"namespace_pid\":")
            buffer.decimal(facts.namespacePID)
        }
        session(facts.surroundings, into: &buffer)
        variables(facts.program, into: &buffer)
        container(attribution.group, into: &buffer)
        ancestors(of: facts, into: &buffer)
    }

    private func identity(_ identity: ProcessIdentity, into buffer: inout LineBuffer) {
        guard identity.startBootNanoseconds != 0 else { return }
        buffer.literal(",\"uid\":\"")
        identifiers.append(process: identity, into: &buffer)
        buffer.literal("\",\"created_time\":")
        milliseconds(identity.startBootNanoseconds, into: &buffer)
    }

    /// Appends `"user":{…}`.
    private func user(_ userID: UInt32, into buffer: inout LineBuffer) {
        buffer.literal("\"user\":{\"uid\":\"")
        buffer.decimal(userID)
        buffer.byte(UInt8(ascii: "\""))
        if let name = names(userID) {
            buffer.literal(",\"name\":\"")
            buffer.escaped(name)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.byte(UInt8(ascii: "}"))
    }

    /// Appends name, command line and file.
    private func program(
        _ program: Program, file: FileVerdict? = nil, isDeleted: Bool = false, _ pathLimit: Int, _ commandLimit: Int,
        into buffer: inout LineBuffer
    ) {
        buffer.member("name", program.name)
        let arguments = program.arguments
        if !arguments.isEmpty {
            buffer.literal(",\"cmd_line\":\"")
            buffer.joined(arguments, limit: commandLimit)
            buffer.byte(UInt8(ascii: "\""))
        }
        guard let path = program.executable else { return }
        buffer.literal(",\"file\":{\"type_id\":1,\"type\":\"Regular File\"")
        let name = path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[($0 + 1)...]) } ?? path
        buffer.member("name", path: name, limit: min(Limit.name, pathLimit))
        buffer.member("path", path: path, limit: pathLimit)
        if isDeleted || program.marks.contains(.deleted) { buffer.literal(",\"is_deleted\":true") }
        if let hash = file?.sha256 {
            buffer.literal(",\"hashes\":[{\"algorithm_id\":3,\"algorithm\":\"SHA-256\",\"value\":\"")
            buffer.hexadecimal(hash)
            buffer.literal("\"}]")
        }
        buffer.byte(UInt8(ascii: "}"))
    }

    private func session(_ surroundings: Surroundings, into buffer: inout LineBuffer) {
        guard let leader = surroundings.sessionLeader else { return }
        // A session goes by the process that leads it.
        buffer.literal(",\"session\":{\"uid\":\"")
        if leader.identity.startBootNanoseconds != 0 {
            identifiers.append(process: leader.identity, into: &buffer)
        } else {
            buffer.decimal(leader.identity.pid)
        }
        if let terminal = surroundings.terminal {
            buffer.literal("\",\"terminal\":\"")
            buffer.decimal(terminal >> 20)
            buffer.byte(UInt8(ascii: ":"))
            buffer.decimal(terminal & 0xfffff)
        }
        buffer.literal("\"}")
    }

    private func variables(_ program: Program, into buffer: inout LineBuffer) {
        let variables = program.variables.prefix(8).compactMap { variable in
            variable.firstIndex(of: UInt8(ascii: "=")).map { (variable[..<$0], variable[($0 + 1)...]) }
        }
        guard !variables.isEmpty else { return }
        buffer.literal(",\"environment_variables\":[")
        for (index, (name, value)) in variables.enumerated() {
            buffer.literal(index > 0 ? ",{\"name\":\"" : "{\"name\":\"")
            buffer.escaped(Array(name), limit: 64)
            buffer.literal("\",\"value\":\"")
            buffer.escaped(Array(value), limit: Limit.variable)
            buffer.literal("\"}")
        }
        buffer.byte(UInt8(ascii: "]"))
    }

    private func container(_ group: ControlGroup?, into buffer: inout LineBuffer) {
        guard let container = group?.container else { return }
        buffer.literal(",\"container\":{\"uid\":\"")
        buffer.text(container.id)
        if let runtime = container.runtime {
            buffer.literal("\",\"runtime\":\"")
            buffer.text(runtime)
        }
        buffer.literal("\"}")
    }

    private func ancestors(of facts: ProcessFacts, into buffer: inout LineBuffer) {
        if let parent = facts.parent {
            buffer.literal(",\"parent_process\":{\"pid\":")
            buffer.decimal(parent.identity.pid)
            identity(parent.identity, into: &buffer)
            program(parent.program, Limit.parentPath, Limit.parentCommandLine, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        } else if let parent = facts.parentIdentity {
            buffer.literal(",\"parent_process\":{\"pid\":")
            buffer.decimal(parent.pid)
            identity(parent, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        let ancestors = Array(facts.ancestors)
        guard !ancestors.isEmpty else { return }
        buffer.literal(",\"ancestry\":[")
        for (index, ancestor) in ancestors.enumerated() {
            buffer.literal(index > 0 ? ",{\"pid\":" : "{\"pid\":")
            buffer.decimal(ancestor.identity.pid)
            identity(ancestor.identity, into: &buffer)
            buffer.member("name", ancestor.program.name)
            if let path = ancestor.program.executable {
                buffer.member("path", path: path, limit: Limit.ancestorPath)
            }
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.byte(UInt8(ascii: "]"))
    }

    /// Appends what stands in `unmapped.tattle` of each line of the process; every member begins with a comma.
    private func details(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
        let program = attribution.process.program
        if attempt.networkNamespace != 0 {
            buffer.literal(",\"netns\":")
            buffer.decimal(attempt.networkNamespace)
        }
        if let path = attribution.group?.path { buffer.member("cgroup", path: path, limit: Limit.groupPath) }
        if let unit = attribution.group?.unit { buffer.member("unit", text: unit) }
        if let slice = attribution.group?.slice { buffer.member("slice", text: slice) }
        if let pod = attribution.group?.podUID { buffer.member("pod_uid", text: pod) }
        if let script = program.script { buffer.member("script", path: script, limit: Limit.script) }
        if let package = attribution.file?.package {
            buffer.member("package", text: package.name)
            if let version = package.version { buffer.member("package_version", text: version) }
            if let isUnchanged = package.isUnchanged {
                buffer.literal(isUnchanged ? ",\"package_unchanged\":true" : ",\"package_unchanged\":false")
            }
        }
        if program.areArgumentsCut { buffer.literal(",\"args_truncated\":true") }
        let names = attribution.flags(of: attempt).names
        guard !names.isEmpty else { return }
        buffer.literal(",\"flags\":[")
        for (index, name) in names.enumerated() {
            buffer.literal(index > 0 ? ",\"" : "\"")
            buffer.literal(name)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.byte(UInt8(ascii: "]"))
    }
}

extension LineBuffer {
    /// Appends texts with a space between them as the inside of a JSON string, at most `limit` bytes.
    @discardableResult
    mutating func joined(_ values: [[UInt8]], limit: Int) -> Bool {
        let end = count + limit
        for (index, value) in values.enumerated() {
            guard end - count > 1 else { return false }
            if index > 0 { byte(UInt8(ascii: " ")) }
            if !escaped(value, limit: end - count) { return false }
        }
        return true
    }
}
