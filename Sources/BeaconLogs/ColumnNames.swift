/// Which column a member of a log's objects is, by the path to it: a log has few of them, again and again.
struct ColumnNames {
    private struct Entry {
        let path: [UInt8]
        let column: Column?
    }

    private var entries: [UInt64: Entry] = [:]
    /// More are not remembered, but looked up each time.
    private static let mostEntries = 4096

    /// The column at a path, its parts joined by dots; nil: it has no meaning here.
    mutating func column(at path: [UInt8]) -> Column? {
        // FNV-1a; whoever makes two paths of one hash only makes it slow.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        if let entry = entries[hash], entry.path == path { return entry.column }
        let column = Column(name: String(decoding: path, as: UTF8.self))
        if entries.count < Self.mostEntries { entries[hash] = Entry(path: path, column: column) }
        return column
    }
}
