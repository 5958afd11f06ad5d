internal import Glibc
internal import Logs

/// The files of the folder; read again only when something was made, renamed or removed in it.
struct FolderFiles {
    private let path: String
    private let list: (_ path: String) throws(LogError) -> [StoredFile]
    private var files: [StoredFile] = []
    /// When the folder was changed, as of the last time that it was read; nil: it is to be read.
    private var changed: timespec?

    /// Also says how the files of a folder are listed, as ``LogFolder/files(at:)``.
    init(
        _ path: String,
        list: @escaping (_ path: String) throws(LogError) -> [StoredFile] = { path throws(LogError) in
            try LogFolder.files(at: path)
        }
    ) {
        (self.path, self.list) = (path, list)
    }

    /// Every file once, in the order of writing; of one that is just being compressed, the plain one.
    mutating func current() throws(FollowingError) -> [StoredFile] {
        let before = try modification()
        if let changed, changed.tv_sec == before.tv_sec, changed.tv_nsec == before.tv_nsec { return files }
        do throws(LogError) {
            var byName: [LogFileName: StoredFile] = [:]
            for file in try list(path)
            where file.name.compression == nil || byName[file.name.plain] == nil {
                byName[file.name.plain] = file
            }
            files = byName.values.sorted { $0.name.plain < $1.name.plain }
        } catch {
            throw FollowingError(error)
        }
        // Times of files are those of the kernel's last tick: something may follow within the same one.
        var now = timespec()
        // Lives through the call; this clock always exists.
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        changed = abs(now.tv_sec - before.tv_sec) > 1 ? before : nil
        return files
    }

    /// Every file, as the folder is now.
    mutating func afresh() throws(FollowingError) -> [StoredFile] {
        changed = nil
        return try current()
    }

    private func modification() throws(FollowingError) -> timespec {
        var status = stat()
        // Lives through the call, which only writes to it; the path is a NUL-terminated copy.
        guard unsafe stat(path, &status) == 0 else { throw FollowingError(path: path, code: errno) }
        return status.st_mtim
    }
}
