import Model

/// What ECS has no name for of a process: `tattle.process`.
extension ECSWriter {
    /// Appends `process` within `tattle`, as far as there is something to say.
    func programDetails(
        _ attempt: Attempt, _ attribution: Attribution, _ cuts: Cuts, into buffer: inout LineBuffer
    ) {
        let facts = attribution.process
        let program = facts.program
        switch facts.source {
        case .kernel: buffer.literal(",\"attribution\":{\"source\":\"kernel\"}")
        case .procfs: buffer.literal(",\"attribution\":{\"source\":\"procfs\"}")
        case .partial: buffer.literal(",\"attribution\":{\"source\":\"partial\"}")
        }
        let start = buffer.count
        // Each member begins with a comma; the first one's becomes the object's brace.
        if let login = facts.surroundings.credentials.loginUserID { user("login_user", login, into: &buffer) }
        if attempt.isKernelThread || facts.isKernelThread { buffer.literal(",\"kernel_thread\":true") }
        if attempt.isExecutableDeleted || program.marks.contains(.deleted) { buffer.literal(",\"deleted\":true") }
        if cuts.path { buffer.literal(",\"executable_truncated\":true") }
        if cuts.arguments {
            buffer.literal(",\"args_truncated\":true,\"args_bytes\":")
            buffer.decimal(UInt(max(program.argumentsTotalBytes, 0)))
        }
        if facts.source == .kernel, program.areArgumentsMixed { buffer.literal(",\"args_rest_source\":\"procfs\"") }
        if let script = program.script { buffer.member("script", path: script, limit: Limit.script) }
        file(attribution, into: &buffer)
        flags(attempt, attribution, into: &buffer)
        variables(program, into: &buffer)
        var namespaces = facts.surroundings.namespaces
        // The socket's, which is newer than what was told at exec or fork.
        if attempt.networkNamespace != 0 { namespaces.network = attempt.networkNamespace }
        self.namespaces(namespaces, into: &buffer)
        ancestors(of: facts, into: &buffer)
        guard buffer.count > start else { return }
        buffer.wrap(",\"process\":{", from: start)
    }

    private func file(_ attribution: Attribution, into buffer: inout LineBuffer) {
        let stamp = attribution.process.program.stamp
        if stamp.inode != 0 {
            buffer.literal(",\"file\":{\"device\":\"")
            buffer.decimal(stamp.device >> 20)
            buffer.byte(UInt8(ascii: ":"))
            buffer.decimal(stamp.device & 0xfffff)
            buffer.literal("\",\"inode\":\"")
            buffer.decimal(stamp.inode)
            buffer.byte(UInt8(ascii: "\""))
            if attribution.file?.hasChangedSinceStart == true { buffer.literal(",\"changed\":true") }
            buffer.byte(UInt8(ascii: "}"))
        }
        if attribution.isFilePending { buffer.literal(",\"hash_pending\":true") }
        if let failure = attribution.file?.failure {
            buffer.literal(",\"hash_error\":\"")
            buffer.text(failure.rawValue)
            buffer.byte(UInt8(ascii: "\""))
        }
        guard let package = attribution.file?.package else { return }
        buffer.literal(",\"package\":{\"name\":\"")
        buffer.text(package.name)
        if let version = package.version {
            buffer.literal("\",\"version\":\"")
            buffer.text(version)
        }
        buffer.byte(UInt8(ascii: "\""))
        if let isUnchanged = package.isUnchanged {
            buffer.literal(",\"unchanged\":")
            buffer.literal(isUnchanged ? "true" : "false")
        }
        buffer.byte(UInt8(ascii: "}"))
    }

    private func flags(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
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

    private func variables(_ program: Program, into buffer: inout LineBuffer) {
        let variables = program.variables.compactMap { variable in
            variable.firstIndex(of: UInt8(ascii: "=")).map { (variable[..<$0], variable[($0 + 1)...]) }
        }
        if !variables.isEmpty {
            buffer.literal(",\"preload\":{")
            for (index, (name, value)) in variables.prefix(8).enumerated() {
                buffer.literal(index > 0 ? ",\"" : "\"")
                buffer.escaped(Array(name), limit: 64)
                buffer.literal("\":\"")
                buffer.escaped(Array(value), limit: Limit.variable)
                buffer.byte(UInt8(ascii: "\""))
            }
            buffer.byte(UInt8(ascii: "}"))
        }
        if program.marks.contains(.variablesCut) { buffer.literal(",\"preload_truncated\":true") }
    }

    private func namespaces(_ namespaces: Namespaces, into buffer: inout LineBuffer) {
        let all: [(StaticString, UInt32)] = [
            ("net", namespaces.network), ("pid", namespaces.pid), ("mount", namespaces.mount),
            ("user", namespaces.user),
        ]
        let known = all.filter { $0.1 != 0 }
        guard !known.isEmpty else { return }
        buffer.literal(",\"namespaces\":{")
        for (index, (name, inode)) in known.enumerated() {
            buffer.literal(index > 0 ? ",\"" : "\"")
            buffer.literal(name)
            buffer.literal("\":")
            buffer.decimal(inode)
        }
        buffer.byte(UInt8(ascii: "}"))
    }

    private func ancestors(of facts: ProcessFacts, into buffer: inout LineBuffer) {
        guard facts.parent != nil else { return }
        buffer.literal(",\"ancestors\":[")
        var isFirst = true
        facts.forEachAncestor { ancestor in
            buffer.literal(isFirst ? "{\"pid\":" : ",{\"pid\":")
            isFirst = false
            buffer.decimal(ancestor.identity.pid)
            buffer.member("name", ancestor.program.name)
            if let path = ancestor.program.executable {
                buffer.member("executable", path: path, limit: Limit.ancestorPath)
            }
            if let script = ancestor.program.script {
                buffer.member("script", path: script, limit: Limit.ancestorPath)
            }
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.byte(UInt8(ascii: "]"))
    }
}
