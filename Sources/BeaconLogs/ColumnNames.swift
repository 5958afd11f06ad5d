/// What a member of a log's objects is, by the path to it: a log has few of them, again and again.
struct ColumnNames {
    /// What is known of a member.
    struct Member {
        /// What it holds; nil: it has no meaning here.
        var column: Column?
        /// What it tells of the log; nil: nothing.
        var sign: ZeekSign?
    }

    private struct Entry {
        let path: [UInt8]
        let member: Member
    }

    private var entries: [UInt64: Entry] = [:]
    /// More are not remembered, but looked up each time.
    private static let mostEntries = 4096

    /// The member at a path, its parts joined by dots.
    mutating func member(at path: [UInt8]) -> Member {
        // FNV-1a; whoever makes two paths of one hash only makes it slow.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        if let entry = entries[hash], entry.path == path { return entry.member }
        let name = String(decoding: path, as: UTF8.self)
        let member = Member(column: Column(name: name), sign: ZeekSign(name: name))
        if entries.count < Self.mostEntries { entries[hash] = Entry(path: path, member: member) }
        return member
    }
}
