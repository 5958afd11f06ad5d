internal import DequeModule
public import Model

/// Which cgroup v2 each id is, now and until a while after it was removed.
///
/// Ids are those of one hierarchy: cgroup v1's have others of the same numbers. The kernel never gives a number of
/// v2 twice (kernfs: inode number and generation, 64 bits).
public struct ControlGroupTable {
    /// How many that have been removed are remembered, the newest first.
    public static let removedLimit = 4_096
    /// How many that exist are remembered; one more, and all are looked up anew when they are asked for.
    ///
    /// Nobody has so many; but whose removal the kernel could not tell stay.
    public static let existingLimit = 65_536
    /// How many ids of which nothing is known are remembered.
    static let unknownLimit = 256
    /// How often an id of which nothing is known is answered without looking it up again.
    static let unknownAnswers = 1_024

    private var existing: [UInt64: ControlGroup] = [:]
    private var removed: [UInt64: ControlGroup] = [:]
    private var removedOrder: Deque<UInt64> = []
    /// How many answers are left.
    private var unknown: [UInt64: Int] = [:]
    private var unknownOrder: Deque<UInt64> = []
    private let lookUp: (UInt64) -> [UInt8]?

    /// Makes an empty table.
    ///
    /// - Parameter lookUp: the path of a cgroup that the table was not told of; nil when there is none.
    public init(lookUp: @escaping (UInt64) -> [UInt8]?) {
        self.lookUp = lookUp
    }

    /// Number of cgroups that are known to exist.
    public var existingCount: Int { existing.count }

    /// Number of cgroups that have been removed and are still known.
    public var removedCount: Int { removed.count }

    /// A cgroup is there: the tracepoint `cgroup_mkdir` or the inventory told it.
    ///
    /// - Parameters:
    ///   - id: 0 is none and ignored.
    ///   - path: from the root of the hierarchy.
    public mutating func add(id: UInt64, path: [UInt8]) {
        guard id != 0 else { return }
        removed[id] = nil
        unknown[id] = nil
        // The inventory tells again what mkdir told.
        guard existing[id]?.path != path else { return }
        if existing.count >= Self.existingLimit, existing[id] == nil { existing.removeAll(keepingCapacity: true) }
        existing[id] = ControlGroup(id: id, parsing: path)
    }

    /// A cgroup has another name: `cgroup_rename`.
    ///
    /// Those below keep the path that they were told with. It does not happen yet: Linux renames only cgroups of v1
    /// (kernel/cgroup/cgroup.c: `cgroup_kf_syscall_ops` has no `rename`).
    public mutating func rename(id: UInt64, path: [UInt8]) { add(id: id, path: path) }

    /// A cgroup is gone: `cgroup_rmdir`.
    ///
    /// It stays known for a while: records of those that were in it are still to be read.
    public mutating func remove(id: UInt64) {
        guard let group = existing.removeValue(forKey: id) else { return }
        if removed.updateValue(group, forKey: id) == nil { removedOrder.append(id) }
        while removedOrder.count > Self.removedLimit { removed[removedOrder.removeFirst()] = nil }
    }

    /// The cgroup with an id, there or gone; nil when nothing is known of it.
    public mutating func group(_ id: UInt64) -> ControlGroup? {
        if let known = existing[id] ?? removed[id] { return known }
        guard id != 0 else { return nil }
        if let answers = unknown[id], answers > 0 {
            unknown[id] = answers - 1
            return nil
        }
        if let path = lookUp(id) {
            add(id: id, path: path)
            return existing[id]
        }
        if unknown.updateValue(Self.unknownAnswers, forKey: id) == nil { unknownOrder.append(id) }
        while unknownOrder.count > Self.unknownLimit { unknown[unknownOrder.removeFirst()] = nil }
        return nil
    }
}
