internal import CLinux
internal import Glibc
internal import Model
internal import Synchronization

/// dpkg's database, as far as it says which package a file belongs to; read directly, dpkg is not run.
///
/// In memory are eight bytes per installed path and the packages' names; everything else is read when it is asked
/// for. Read anew when it changed, but not while dpkg is at work. Diversions are followed (dpkg-divert(1));
/// conffiles have no checksum here, as they are not in the `md5sums` files.
public final class PackageDatabase: Sendable {
    /// What the database says of one path.
    public struct Entry: Hashable, Sendable {
        /// The package's name without an architecture.
        public let name: String
        /// The version; nil: it has none, as a package that was removed but for its conffiles.
        public let version: String?
        /// MD5 of the file as the package brought it, 16 bytes; nil: dpkg keeps none.
        public let md5: [UInt8]?
    }

    private struct State {
        var signature: [FileStamp?] = []
        /// Whether the signature would have told of every change since.
        var isSettled = false
        var index = PackageIndex()
        var diversions = Diversions()
        /// Folders at the root that are links into /usr, as `bin`.
        var mergedFolders: [String] = []
    }

    private let root: String
    private let fileSystemRoot: String
    private let state = Mutex(State())

    /// Opens a database; its paths are read when they are first asked for.
    /// - Parameter root: dpkg's folder.
    /// - Returns: nil when there is none, so on systems that know no dpkg.
    public convenience init?(root: String = "/var/lib/dpkg") {
        self.init(root: root, fileSystemRoot: "")
    }

    init?(root: String, fileSystemRoot: String) {
        self.root = root
        self.fileSystemRoot = fileSystemRoot
        // An empty status is what dpkg-based tools make where nothing was ever installed.
        guard let status = Self.stamp(root + "/status"), status.size > 0, Self.stamp(root + "/info") != nil else {
            return nil
        }
    }

    /// Whether dpkg is at work: it holds the database's lock.
    public var isBeingChanged: Bool {
        guard let file = try? OpenFile(root + "/lock", flags: O_RDONLY) else { return false }
        return file.isLocked()
    }

    /// Which package a file belongs to.
    ///
    /// Reads files; for a thread that may wait.
    /// - Parameter path: a real path, which dpkg may know without its `/usr`.
    /// - Returns: nil when it belongs to none.
    public func membership(ofPath path: [UInt8]) -> Entry? {
        guard path.first == UInt8(ascii: "/"), !path.contains(UInt8(ascii: "\n")), !path.contains(0) else { return nil }
        let found = state.withLock { state -> (package: String, path: [UInt8])? in
            refresh(&state)
            for claim in state.diversions.claims(to: Self.merged(path, state.mergedFolders)) {
                for name in Self.forms(of: claim.path, state.mergedFolders) {
                    if let package = state.index.package(of: name, where: claim.accepts, folder: folder) {
                        return (package, name)
                    }
                }
            }
            return nil
        }
        guard let found else { return nil }
        let records = PackageRecords(root: root, package: found.package)
        return Entry(name: records.name, version: records.version(), md5: records.md5(of: found.path))
    }

    private var folder: String { root + "/info" }

    /// Bytes of memory that the paths take.
    var indexBytes: Int { state.withLock { $0.index.byteCount } }

    private func refresh(_ state: inout State) {
        let signature = ["/info", "/status", "/diversions"].map { Self.stamp(root + $0) }
        guard signature != state.signature || !state.isSettled else { return }
        // What dpkg is doing now will change it again; what is known will do until then.
        guard state.signature.isEmpty || !isBeingChanged else { return }
        state.isSettled = signature.allSatisfy { $0?.isSettled ?? true }
        state.index = PackageIndex(folder: folder)
        let folders = ["bin", "sbin", "lib", "lib32", "lib64", "libo32", "libx32"].filter(isMerged)
        state.mergedFolders = folders
        state.diversions = Diversions(path: root + "/diversions") { Self.merged($0, folders) }
        state.signature = signature
        // Seven megabytes of lists went through it; malloc would keep two.
        tattle_return_memory()
    }

    /// Whether a folder at the root is the one of that name in /usr.
    private func isMerged(_ name: String) -> Bool {
        guard let link = Self.stamp("\(fileSystemRoot)/\(name)"),
            let folder = Self.stamp("\(fileSystemRoot)/usr/\(name)")
        else { return false }
        return link.inode == folder.inode && link.device == folder.device
    }

    /// The path with the `/usr` that its folder has moved to.
    private static func merged(_ path: [UInt8], _ folders: [String]) -> [UInt8] {
        folders.contains { path.starts(with: "/\($0)/".utf8) } ? Array("/usr".utf8) + path : path
    }

    /// A path with its `/usr`, and without it where that is the same: packages list one or the other.
    private static func forms(of path: [UInt8], _ folders: [String]) -> [[UInt8]] {
        folders.contains { path.starts(with: "/usr/\($0)/".utf8) } ? [path, Array(path.dropFirst(4))] : [path]
    }

    private static func stamp(_ path: String) -> FileStamp? {
        guard let file = try? OpenFile(path, flags: OpenFile.place), let status = try? file.status() else { return nil }
        return FileStamp(status)
    }
}
