import Model

extension RecordParser {
    /// Passes `process`.
    ///
    /// What a process contributes is the same in each of its lines up to `thread`: where the bytes are those of a line
    /// before, so is what they mean.
    mutating func process(_ scanner: inout JSONScanner, into fields: inout RecordFields) throws(Malformed) {
        try scanner.enterObject()
        let first = scanner.index
        var process = ProcessFields()
        if let known = remembered.head(at: first, in: scanner.bytes, before: scanner.end) {
            process = known.process
            scanner.pass(members: known.length)
            fields.headSlot = known.slot
        }
        while let key = try scanner.nextKey() {
            switch key {
            case "pid": process.program.pid = try scanner.number(as: UInt32.self)
            case "entity_id": process.program.startBoot = try scanner.processStart()
            case "start": process.program.start = try scanner.time()
            case "name": process.program.name = try scanner.textBytes()
            case "args": process.program.arguments = try scanner.texts()
            case "executable": process.program.executable = try scanner.textBytes()
            case "working_directory": process.folder = try scanner.textBytes()
            case "vpid": process.namespacePID = try scanner.number(as: UInt32.self)
            case "tty": process.terminal = try terminal(&scanner)
            case "hash": process.sha256 = try hash(&scanner)
            case "real_user": process.realUser = try user(&scanner)
            case "user": process.user = try user(&scanner)
            case "real_group": process.realGroup = try group(&scanner)
            case "group": process.group = try group(&scanner)
            case "parent": process.parent = try program(&scanner)
            case "session_leader": process.leader = try program(&scanner)
            case "Ext": process.ancestry = try ancestry(&scanner)
            case "thread":
                if fields.headSlot == nil {
                    fields.headSlot = remembered.keep(process, of: scanner.bytes, first..<scanner.index)
                }
                fields.thread = try thread(&scanner)
            default: try scanner.skip()
            }
        }
        fields.process = process
    }

    /// Passes an ancestor, the parent or the session's leader.
    mutating func program(_ scanner: inout JSONScanner) throws(Malformed) -> ProgramFields {
        var program = ProgramFields()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "pid": program.pid = try scanner.number(as: UInt32.self)
            case "entity_id": program.startBoot = try scanner.processStart()
            case "start": program.start = try scanner.time()
            case "name": program.name = try scanner.textBytes()
            case "args": program.arguments = try scanner.texts()
            case "executable": program.executable = try scanner.textBytes()
            case "script": program.script = try scanner.textBytes()
            default: try scanner.skip()
            }
        }
        return program
    }

    private func ancestry(_ scanner: inout JSONScanner) throws(Malformed) -> [ProcessIdentity] {
        var ancestry: [ProcessIdentity] = []
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard key.is("ancestry") else {
                try scanner.skip()
                continue
            }
            try scanner.enterArray()
            while try scanner.nextElement() {
                let parts = try scanner.idParts()
                guard parts.count == 3, let pid = UInt64(ascii: parts[1]).flatMap(UInt32.init(exactly:)),
                    let start = UInt64(ascii: parts[2])
                else { throw scanner.valueError }
                ancestry.append(ProcessIdentity(pid: pid, startBootNanoseconds: start))
            }
        }
        return ancestry
    }

    private func terminal(_ scanner: inout JSONScanner) throws(Malformed) -> UInt32? {
        var numbers: (major: UInt32, minor: UInt32)?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard key.is("char_device") else {
                try scanner.skip()
                continue
            }
            numbers = (0, 0)
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "major": numbers?.major = try scanner.number(as: UInt32.self)
                case "minor": numbers?.minor = try scanner.number(as: UInt32.self)
                default: try scanner.skip()
                }
            }
        }
        return numbers.map { $0.major << 20 | $0.minor & 0xfffff }
    }

    private func hash(_ scanner: inout JSONScanner) throws(Malformed) -> [UInt8]? {
        var hash: [UInt8]?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("sha256") { hash = try scanner.hexadecimal() } else { try scanner.skip() }
        }
        return hash
    }

    /// Passes a user, and remembers the name.
    mutating func user(_ scanner: inout JSONScanner) throws(Malformed) -> UInt32? {
        var id: UInt32?
        var name: [UInt8]?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id": id = try scanner.numberInText()
            case "name": name = try scanner.textBytes()
            default: try scanner.skip()
            }
        }
        if let id { names.remember(name, of: id) }
        return id
    }

    /// Passes a group.
    func group(_ scanner: inout JSONScanner) throws(Malformed) -> UInt32? {
        var id: UInt32?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if key.is("id") { id = try scanner.numberInText() } else { try scanner.skip() }
        }
        return id
    }

    private mutating func thread(_ scanner: inout JSONScanner) throws(Malformed) -> ThreadFields {
        var thread = ThreadFields()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "id": thread.id = try scanner.number(as: UInt32.self)
            case "name": thread.name = try scanner.textBytes()
            case "capabilities": thread.capabilities = try capabilities(&scanner)
            default: try scanner.skip()
            }
        }
        return thread
    }

    private mutating func capabilities(_ scanner: inout JSONScanner) throws(Malformed) -> UInt64? {
        let first = scanner.index
        if let (bytes, mask) = lastCapabilities, scanner.bytes.hasBytes(of: bytes, at: first),
            first + bytes.count <= scanner.end
        {
            scanner.pass(value: bytes.count)
            return mask
        }
        var mask: UInt64?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard key.is("effective") else {
                try scanner.skip()
                continue
            }
            var bits: UInt64 = 0
            for name in try scanner.texts() {
                guard let bit = capabilityNumbers[name] else { throw scanner.valueError }
                bits |= 1 << bit
            }
            mask = bits
        }
        lastCapabilities = (Array(scanner.bytes[first..<scanner.index]), mask)
        return mask
    }
}
