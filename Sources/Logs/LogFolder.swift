import Glibc
internal import Synchronization

/// The folder that a log's files are in, locked so that no other tattle writes there.
///
/// The lock is flock(2)'s on the folder itself: it leaves nothing behind, and ends with whoever held it.
public final class LogFolder: Sendable {
    /// The path as it was given, without slashes at the end.
    public let path: String
    private let lock: Mutex<Int32>

    /// Whether a path means a folder: it is one, or ends with a slash.
    public static func isFolder(_ path: String) -> Bool {
        if path.hasSuffix("/") { return true }
        var status = stat()
        // `status` lives through the call, which only writes to it.
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Opens and locks a folder; makes it, for owner and group, when only its last part is missing.
    ///
    /// - Throws: `LogError`: it is none or cannot be made, nothing may be made in it, or another tattle writes there.
    public init(path: String) throws(LogError) {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        self.path = String(trimmed)
        lock = Mutex(-1)
        let code = lock.withLock { Self.open(self.path, replacing: &$0) }
        if code == EWOULDBLOCK { throw LogError(.lock, path: self.path, code: code) }
        if code != 0 { throw LogError(.folder, path: self.path, code: code) }
        try tryToWrite()
    }

    deinit {
        lock.withLock { if $0 >= 0 { close($0) } }
    }

    /// Makes sure that the path leads to the folder that is locked, and that it is there.
    /// - Returns: 0 or an errno; EWOULDBLOCK: another tattle writes there.
    func ensure() -> Int32 {
        lock.withLock { descriptor in
            var (there, held) = (stat(), stat())
            // Both live through the calls, which only write to them.
            if unsafe stat(path, &there) == 0, unsafe fstat(descriptor, &held) == 0, there.st_ino == held.st_ino,
                there.st_dev == held.st_dev
            {
                return 0
            }
            return Self.open(path, replacing: &descriptor)
        }
    }

    /// Makes, opens and locks it.
    /// - Returns: 0 or an errno.
    private static func open(_ path: String, replacing descriptor: inout Int32) -> Int32 {
        // The path is a NUL-terminated copy that lives through the calls.
        if unsafe mkdir(path, 0o750) != 0, errno != EEXIST { return errno }
        let new = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard new >= 0 else { return errno }
        guard flock(new, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(new)
            return code
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = new
        return 0
    }

    /// Throws when nothing can be made here: better now than when the first record comes.
    ///
    /// A full file system is not one of these cases: there may be room later.
    private func tryToWrite() throws(LogError) {
        let calls = FolderCalls()
        let trial = self.path(of: ".tattle-trial\(Self.temporaryEnding)")
        _ = calls.remove(trial)
        let descriptor = calls.create(trial)
        if descriptor >= 0 {
            close(descriptor)
            _ = calls.remove(trial)
        } else if descriptor != -ENOSPC, descriptor != -EDQUOT {
            throw LogError(.folder, path: path, code: -descriptor)
        }
    }

    /// What the names of files end with that are not whole yet; they begin with a dot, so that no pattern of a shipper fits.
    static let temporaryEnding = ".tmp"

    /// The path of a file in it.
    func path(of name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

    /// The path of a file in it.
    func path(of name: LogFileName) -> String { path(of: name.description) }

    /// The path of a file until it is whole.
    func temporaryPath(of name: LogFileName) -> String { path(of: ".\(name)\(Self.temporaryEnding)") }

    /// Everything in it that a tattle left when it was ended before it was whole.
    func temporaries() -> [String] {
        names().filter { $0.hasPrefix(".tattle-") && $0.hasSuffix(Self.temporaryEnding) }
    }

    /// The log's files, the oldest first; what has another name is not ours.
    public func files() -> [StoredFile] { Self.stored(names(), in: path) }

    /// The files of a folder that somebody else writes: without a lock, and without touching anything.
    ///
    /// - Returns: as ``files()``.
    /// - Throws: `LogError` when the folder cannot be read.
    public static func files(at path: String) throws(LogError) -> [StoredFile] {
        guard let names = names(at: path) else { throw LogError(.read, path: path, code: errno) }
        return stored(names, in: path)
    }

    private static func stored(_ names: [String], in folder: String) -> [StoredFile] {
        names.compactMap { text in
            var status = stat()
            // `status` lives through the call, which only writes to it.
            guard let name = LogFileName(text), unsafe lstat("\(folder)/\(text)", &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            let time = status.st_mtim
            return StoredFile(
                name: name, bytes: UInt64(max(status.st_size, 0)),
                modifiedUnixNanoseconds: UInt64(max(time.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(time.tv_nsec, 0)))
        }.sorted { $0.name < $1.name }
    }

    private func names() -> [String] { Self.names(at: path) ?? [] }

    /// The names of what is in a folder; nil, with errno: it cannot be read.
    private static func names(at path: String) -> [String]? {
        guard let directory = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                })
        }
        return names
    }

    /// fsync(2) of the folder, so that names which were made, changed or removed stay so when the power goes.
    func synchronize() -> Int32 {
        lock.withLock { fsync($0) == 0 ? 0 : errno }
    }
}
