/// The ledgers of the namespaces that are followed, by inode number.
///
/// They are few, and one attempt after the other is of the same namespace: the one that was asked for last is found
/// without a search.
struct LedgerTable {
    private var namespaces: [UInt32] = []
    private(set) var ledgers: [NamespaceLedger] = []
    private var latest = 0

    /// How many there are.
    var count: Int { ledgers.count }

    /// Each with its namespace.
    var entries: Zip2Sequence<[UInt32], [NamespaceLedger]> { zip(namespaces, ledgers) }

    /// The ledger of a namespace; nil: it is not followed.
    subscript(namespace: UInt32) -> NamespaceLedger? {
        get { namespaces.firstIndex(of: namespace).map { ledgers[$0] } }
        set {
            switch (namespaces.firstIndex(of: namespace), newValue) {
            case (let index?, let value?): ledgers[index] = value
            case (let index?, nil):
                namespaces.remove(at: index)
                ledgers.remove(at: index)
                latest = 0
            case (nil, let value?):
                namespaces.append(namespace)
                ledgers.append(value)
            case (nil, nil): break
            }
        }
    }

    /// Changes the ledger of a namespace where it is.
    /// - Returns: whether there is one.
    @inline(__always)
    @discardableResult
    mutating func update(_ namespace: UInt32, _ change: (inout NamespaceLedger) -> Void) -> Bool {
        guard let index = index(of: namespace) else { return false }
        change(&ledgers[index])
        return true
    }

    @inline(__always)
    private mutating func index(of namespace: UInt32) -> Int? {
        if latest < namespaces.count, namespaces[latest] == namespace { return latest }
        guard let index = namespaces.firstIndex(of: namespace) else { return nil }
        latest = index
        return index
    }
}
