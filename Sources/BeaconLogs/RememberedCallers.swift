internal import Beacons
internal import Model
internal import Reading

/// Who called in the records so far, by the bytes that tell it: mostly it is somebody that was seen before.
struct RememberedCallers {
    /// What a record tells of who it was.
    private struct Key: Hashable {
        var bytes: [UInt8] = []

        mutating func append(_ place: Range<Int>, of line: [UInt8]) {
            bytes.append(contentsOf: line[place])
            // In no text of a record.
            bytes.append(0)
        }

        func hash(into hasher: inout Hasher) {
            // The buffer is only read, within the call.
            unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
    }

    private var entries: [Key: (Caller, CallerTraits)] = [:]
    /// That of the record at hand; kept for its room.
    private var key = Key()
    /// When there are more, all are forgotten.
    private static let mostEntries = 4096
    /// The same of what tells them apart, bytes; what is known of them takes up to as much again, twice.
    static let mostBytes = 2 << 20
    /// The bytes of all keys.
    private(set) var keyBytes = 0

    /// Who called, and what is known of them.
    mutating func caller(at places: AttemptOutline.Places, in line: [UInt8]) -> (Caller, CallerTraits) {
        key.bytes.removeAll(keepingCapacity: true)
        key.append(places.host, of: line)
        key.append(places.executable, of: line)
        key.append(places.name, of: line)
        key.append(places.hash, of: line)
        key.append(places.script, of: line)
        key.append(places.ancestorScript, of: line)
        key.append(places.package, of: line)
        key.append(places.isUnchanged, of: line)
        key.append(places.flags, of: line)
        key.append(places.container, of: line)
        key.append(places.unit, of: line)
        key.append(places.groupPath, of: line)
        key.append(places.userNamespace, of: line)
        if let known = entries[key] { return known }
        let traits = CallerTraits(places, in: line)
        let caller = Caller(
            traits, isOfOwnScript: !places.script.isEmpty, name: line.text(at: places.name) ?? "",
            host: line.text(at: places.host) ?? "")
        if entries.count >= Self.mostEntries || keyBytes + key.bytes.count > Self.mostBytes {
            entries.removeAll(keepingCapacity: true)
            keyBytes = 0
        }
        keyBytes += key.bytes.count
        entries[key] = (caller, traits)
        return (caller, traits)
    }
}

extension CallerTraits {
    /// What a record in ECS says of who called.
    fileprivate init(_ places: AttemptOutline.Places, in line: [UInt8]) {
        self.init()
        executable = line.text(at: places.executable)
        sha256 = line.text(at: places.hash)
        package = line.text(at: places.package)
        isUnchanged = line[places.isUnchanged].first.map { $0 == UInt8(ascii: "t") }
        unit = line.text(at: places.unit)
        // The path may be cut, but not before a unit of the system's.
        if let path = line.text(at: places.groupPath).map({ ControlGroupPath(Array($0.utf8)) }) {
            isUnitOfSystem = path.isUnitOfSystem && path.unit == unit
        }
        container = line.text(at: places.container)
        isPathElsewhere =
            container != nil
            || !places.userNamespace.isEmpty
                && UInt64(digits: line[places.userNamespace]) != UInt64(Namespaces.initialUser)
        script = line.text(at: places.script) ?? line.text(at: places.ancestorScript)
        flags = ProcessFlags(named: line[places.flags])
        isPackaged = package != nil ? true : flags.contains(.unpackaged) ? false : nil
    }
}

extension [UInt8] {
    /// The text of a line of JSON whose inside stands at a place; nil: the place is empty.
    fileprivate func text(at place: Range<Int>) -> String? {
        guard !place.isEmpty else { return nil }
        guard self[place].contains(UInt8(ascii: "\\")) else { return String(decoding: self[place], as: UTF8.self) }
        // With its quotes.
        var scanner = JSONScanner(self, place.lowerBound - 1..<place.upperBound + 1)
        return (try? scanner.text()) ?? String(decoding: self[place], as: UTF8.self)
    }
}
