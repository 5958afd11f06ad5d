import Model

/// Who made an attempt, put together.
extension RecordParser {
    mutating func attribution(_ fields: RecordFields, _ attempt: Attempt) throws(Malformed) -> Attribution {
        if let known = remembered.attribution(fields) { return known }
        guard let process = fields.process else { throw .foreign(missing: "process") }
        let details = fields.tattle.details
        let attribution = Attribution(
            process: facts(process, details, fields), group: group(fields.place), file: verdict(process, fields),
            isFilePending: details.isHashPending)
        remembered.keep(attribution, of: fields)
        return attribution
    }

    private func facts(_ process: ProcessFields, _ details: DetailFields, _ fields: RecordFields) -> ProcessFacts {
        let source: AttributionSource =
            switch fields.tattle.source {
            case "procfs": .procfs
            case "partial": .partial
            default: .kernel
            }
        let surroundings = Surroundings(
            credentials: Credentials(
                userID: process.realUser, effectiveUserID: process.user, groupID: process.realGroup,
                effectiveGroupID: process.group, loginUserID: details.loginUser,
                capabilities: fields.thread.capabilities),
            namespaces: details.namespaces, sessionLeader: process.leader.map(leader), terminal: process.terminal)
        let parent = parent(process, details)
        return ProcessFacts(
            identity: identity(process.program),
            parentIdentity: parent == nil ? process.parent.map(identity) : nil, parent: parent,
            program: program(process, details), surroundings: surroundings, namespacePID: process.namespacePID,
            isKernelThread: details.isKernelThread, source: source)
    }

    private func identity(_ program: ProgramFields) -> ProcessIdentity {
        ProcessIdentity(pid: program.pid, startBootNanoseconds: program.startBoot)
    }

    private func leader(_ fields: ProgramFields) -> SessionLeader {
        let isKnown = !fields.name.isEmpty || !fields.executable.isEmpty
        return SessionLeader(identity: identity(fields), program: isKnown ? program(fields) : nil)
    }

    /// The ancestors, each held by the one before.
    private func parent(_ process: ProcessFields, _ details: DetailFields) -> ProcessFacts? {
        var ids = process.ancestry[...]
        var chain: [ProgramFields] = []
        for ancestor in details.ancestors {
            var ancestor = ancestor
            // Only those whose start is known have an id, in the same order.
            if let id = ids.first, id.pid == ancestor.pid {
                ancestor.startBoot = id.startBootNanoseconds
                ids.removeFirst()
            }
            chain.append(ancestor)
        }
        if let parent = process.parent, let first = chain.first, first.pid == parent.pid {
            chain[0].arguments = parent.arguments
            if !parent.executable.isEmpty { chain[0].executable = parent.executable }
        }
        return chain.reversed().reduce(nil) { older, fields in
            ProcessFacts(identity: identity(fields), parent: older, program: program(fields), source: .kernel)
        }
    }

    private func program(_ fields: ProgramFields) -> Program {
        Program(
            name: ThreadName(fields.name), path: fields.executable, script: fields.script,
            arguments: Self.joined(fields.arguments))
    }

    private func program(_ process: ProcessFields, _ details: DetailFields) -> Program {
        let arguments = Self.joined(process.program.arguments)
        var marks: Program.Marks = []
        if details.isPathCut { marks.insert(.pathCut) }
        if details.flags.contains("memfd") { marks.insert(.memfd) }
        if details.areVariablesCut { marks.insert(.variablesCut) }
        var mode: UInt16 = 0
        if details.flags.contains("world_writable") { mode |= 0o100002 }
        if details.flags.contains("setuid") { mode |= 0o104000 }
        let told = details.isRestFromProcfs ? arguments.prefix(4096) : arguments[...]
        let program = Program(
            name: ThreadName(process.program.name), path: process.program.executable, folder: process.folder,
            script: details.script, variables: details.variables, arguments: told,
            argumentsTotalBytes: details.areArgumentsCut
                ? max(details.argumentBytes, arguments.count + 1) : arguments.count,
            mode: mode, stamp: FileStamp(device: details.device, inode: details.inode), marks: marks)
        return details.isRestFromProcfs ? program.with(argumentBytes: arguments) : program
    }

    /// As the kernel keeps them, each ended by NUL.
    private static func joined(_ arguments: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for argument in arguments {
            bytes += argument
            bytes.append(0)
        }
        return bytes
    }

    private func group(_ place: PlaceFields) -> ControlGroup? {
        guard let path = place.groupPath else { return nil }
        return ControlGroup(
            id: place.groupID, path: path,
            container: place.containerID.map { ContainerFacts(id: $0, runtime: place.containerRuntime) },
            unit: place.unit, slice: place.slice, podUID: place.podUID)
    }

    private func verdict(_ process: ProcessFields, _ fields: RecordFields) -> FileVerdict? {
        let details = fields.tattle.details
        let isUnpackaged = details.flags.contains("unpackaged")
        guard process.sha256 != nil || details.hashFailure != nil || details.package != nil || isUnpackaged else {
            return nil
        }
        return FileVerdict(
            sha256: process.sha256, failure: details.hashFailure, package: details.package,
            isPackageKnown: details.package != nil || isUnpackaged,
            // A record does not say; elsewhere it may have led to anything.
            isAtPath: fields.place.containerID == nil && details.namespaces.user == Namespaces.initialUser)
    }
}
