import Model

/// `tattle.process`.
extension RecordParser {
    mutating func details(_ scanner: inout JSONScanner, into fields: inout RecordFields) throws(Malformed) {
        let first = scanner.index
        if let known = remembered.details(at: first, in: scanner.bytes, before: scanner.end, slot: fields.headSlot) {
            fields.tattle.details = known.details
            fields.hasRememberedDetails = true
            scanner.pass(value: known.length)
            return
        }
        var details = DetailFields()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "login_user": details.loginUser = try user(&scanner)
            case "kernel_thread": details.isKernelThread = try scanner.flag()
            case "deleted": details.isDeleted = try scanner.flag()
            case "executable_truncated": details.isPathCut = try scanner.flag()
            case "args_truncated": details.areArgumentsCut = try scanner.flag()
            case "args_bytes": details.argumentBytes = Int(clamping: try scanner.number())
            case "args_rest_source": details.isRestFromProcfs = try scanner.textBytes().elementsEqual("procfs".utf8)
            case "script": details.script = try scanner.textBytes()
            case "file": try file(&scanner, into: &details)
            case "hash_pending": details.isHashPending = try scanner.flag()
            case "hash_error":
                guard let failure = HashFailure(rawValue: try scanner.text()) else { throw scanner.valueError }
                details.hashFailure = failure
            case "package": details.package = try package(&scanner)
            case "flags":
                for flag in try scanner.texts() { details.flags.insert(String(decoding: flag, as: UTF8.self)) }
            case "preload": details.variables = try variables(&scanner)
            case "preload_truncated": details.areVariablesCut = try scanner.flag()
            case "namespaces": details.namespaces = try namespaces(&scanner)
            case "ancestors":
                try scanner.enterArray()
                while try scanner.nextElement() { details.ancestors.append(try program(&scanner)) }
            default: try scanner.skip()
            }
        }
        fields.tattle.details = details
        fields.hasRememberedDetails = remembered.keep(
            details, of: scanner.bytes, first..<scanner.index, slot: fields.headSlot)
    }

    private func file(_ scanner: inout JSONScanner, into details: inout DetailFields) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "device":
                let parts = try scanner.textBytes().split(separator: UInt8(ascii: ":"))
                guard parts.count == 2, let major = UInt64(ascii: parts[0]), let minor = UInt64(ascii: parts[1]) else {
                    throw scanner.valueError
                }
                details.device = major << 20 | minor & 0xfffff
            case "inode": details.inode = try scanner.numberInText()
            case "changed": details.hasChanged = try scanner.flag()
            default: try scanner.skip()
            }
        }
    }

    private func package(_ scanner: inout JSONScanner) throws(Malformed) -> PackageMembership {
        var (name, version, isUnchanged): (String, String?, Bool?) = ("", nil, nil)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "name": name = try scanner.text()
            case "version": version = try scanner.text()
            case "unchanged": isUnchanged = try scanner.flag()
            default: try scanner.skip()
            }
        }
        return PackageMembership(name: name, version: version, isUnchanged: isUnchanged)
    }

    /// As the kernel keeps them: `NAME=VALUE`, each ended by NUL.
    private func variables(_ scanner: inout JSONScanner) throws(Malformed) -> [UInt8] {
        var variables: [UInt8] = []
        try scanner.enterObject()
        while let name = try scanner.nextName() {
            variables += name
            variables.append(UInt8(ascii: "="))
            variables += try scanner.textBytes().filter { $0 != 0 }
            variables.append(0)
        }
        return variables
    }

    private func namespaces(_ scanner: inout JSONScanner) throws(Malformed) -> Namespaces {
        var namespaces = Namespaces()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "net": namespaces.network = try scanner.number(as: UInt32.self)
            case "pid": namespaces.pid = try scanner.number(as: UInt32.self)
            case "mount": namespaces.mount = try scanner.number(as: UInt32.self)
            case "user": namespaces.user = try scanner.number(as: UInt32.self)
            default: try scanner.skip()
            }
        }
        return namespaces
    }
}
