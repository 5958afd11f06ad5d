internal import Glibc
public import Model

/// The sockets that are open now and have another end, with who holds them, from /proc.
///
/// No socket is opened for it, not even netlink: the listings of a namespace are read through a process in it.
public struct SocketInventory: Sendable {
    /// A socket, and who holds it.
    public struct Found: Sendable {
        /// The socket.
        public var entry: SocketEntry
        /// Its state.
        public var state: SocketState
        /// TCP or UDP.
        public var transport: Transport
        /// Who began it.
        public var direction: ConnectionDirection
        /// The inode of its network namespace.
        public var namespace: UInt32
        /// Those that hold it, the lowest pid first, at most ``ownerLimit``; empty: none was found.
        public var owners: [UInt32]
        /// How many hold it.
        public var ownerCount: Int

        /// Makes a find.
        public init(
            entry: SocketEntry, state: SocketState, transport: Transport, direction: ConnectionDirection,
            namespace: UInt32, owners: [UInt32], ownerCount: Int
        ) {
            self.entry = entry
            self.state = state
            self.transport = transport
            self.direction = direction
            self.namespace = namespace
            self.owners = owners
            self.ownerCount = ownerCount
        }
    }

    /// What was found.
    public struct Result: Sendable {
        /// The sockets, by namespace.
        public var sockets: [Found] = []
        /// How many there are beyond ``limit``.
        public var omittedCount: UInt64 = 0
        /// The id of the cgroup v2 that each owner is in, as far as it is known.
        public var controlGroups: [UInt32: UInt64] = [:]
        /// Whether it was stopped before all had been looked through.
        public var isCutShort = false
    }

    /// Sockets that are kept at the most, of all namespaces together.
    public static let limit = 131_072
    /// Owners that are told by pid.
    public static let ownerLimit = 8
    private static let files: [(name: String, transport: Transport)] = [
        ("tcp", .tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp),
    ]

    private let files: ProcessFileSystem
    private let groups: ControlGroupFileSystem?
    private let limit: Int

    /// Reads below the root of `files`.
    public init(
        files: ProcessFileSystem = ProcessFileSystem(), groups: ControlGroupFileSystem? = nil, limit: Int = Self.limit
    ) {
        self.files = files
        self.groups = groups
        self.limit = limit
    }

    /// Looks through /proc.
    ///
    /// - Parameter isStopped: asked from time to time; true: what is known by then is enough.
    public func read(isStopped: () -> Bool = { false }) -> Result {
        let pids = files.pids().sorted()
        var result = Result()
        for (namespace, members) in files.networkNamespaces(of: pids) where !isStopped() {
            var listing = SocketListing(limit: max(0, limit - result.sockets.count))
            for file in Self.files {
                // A process may end or leave the namespace meanwhile: then the next one is the way in.
                _ = members.first { pid in
                    files.networkNamespace(of: pid) == namespace
                        && files.lines(of: "\(files.folder(of: pid))/net/\(file.name)") {
                            listing.add($0, of: file.transport)
                        }
                }
            }
            result.omittedCount += listing.omittedCount
            result.sockets += listing.connected.map {
                Found(
                    entry: $0.entry, state: $0.state, transport: $0.transport, direction: listing.direction(of: $0),
                    namespace: namespace, owners: [], ownerCount: 0)
            }
        }
        // Inodes are those of one file system, whatever the namespace: net/socket.c, `sock_mnt`.
        let places = Dictionary(
            result.sockets.indices.map { (result.sockets[$0].entry.inode, $0) }, uniquingKeysWith: { first, _ in first }
        )
        for pid in pids where !places.isEmpty && !isStopped() {
            var seen: Set<Int> = []
            files.sockets(of: pid) { inode in
                // One that was duplicated is held by one process all the same.
                guard let place = places[inode], seen.insert(place).inserted else { return }
                result.sockets[place].ownerCount += 1
                if result.sockets[place].owners.count < Self.ownerLimit { result.sockets[place].owners.append(pid) }
            }
            guard !seen.isEmpty, let path = files.controlGroup(of: pid) else { continue }
            result.controlGroups[pid] = groups?.id(ofPath: path)
        }
        result.isCutShort = isStopped()
        return result
    }
}
