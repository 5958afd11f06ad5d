internal import Glibc

/// Names of users from /etc/passwd, never from a network name service: passwd(5).
///
/// Read once, and again when a user is asked for that was not there and the file has changed since.
public final class UserNames {
    private let path: String
    private var names: [UInt32: [UInt8]] = [:]
    private var ids: [[UInt8]: UInt32] = [:]
    private var modified: (Int, Int) = (0, 0)
    private var nextLook: UInt64 = 0

    /// Reads a file of that form.
    public init(path: String = "/etc/passwd") {
        self.path = path
        load()
    }

    private func load() {
        (names, ids) = ([:], [:])
        modified = modificationTime()
        for line in (SystemContext.file(path) ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 2, let user = UInt32(fields[2]) else { continue }
            // The first entry of a uid is the one that getpwuid(3) finds, of a name getpwnam(3). A uid may have more names.
            let name = Array(fields[0].utf8)
            if names[user] == nil { names[user] = name }
            if ids[name] == nil { ids[name] = user }
        }
    }

    private func modificationTime() -> (Int, Int) {
        var status = stat()
        // Fills `status`.
        guard unsafe stat(path, &status) == 0 else { return (0, 0) }
        return (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    /// The name of a user; nil when the file has none.
    public func name(of user: UInt32) -> [UInt8]? {
        if let name = names[user] { return name }
        let now = SystemContext.bootNanoseconds()
        guard now >= nextLook else { return nil }
        nextLook = now &+ 10_000_000_000
        if modificationTime() != modified { load() }
        return names[user]
    }

    /// The id of a user given by name or by number; nil when there is no such user.
    public func id(of user: String) -> UInt32? {
        ids[Array(user.utf8)] ?? UInt32(user)
    }
}
