internal import Compression
internal import Glibc
internal import Logs

/// Which files are to be read, one after the other: those that were named, and those of folders that were named.
package struct LogFiles {
    private let paths: [String]
    private var position = 0
    /// Of the folder at `position`: the file that was given last.
    private var last: LogFileName?

    /// Begins with the first path.
    package init(_ paths: [String]) { self.paths = paths }

    /// The next file; nil: there is none, yet.
    ///
    /// - Parameter isFollowing: whether the last folder may still get files.
    /// - Throws: ``ReadingError`` for a folder that cannot be read or has no log; the next call goes on with the next path.
    package mutating func next(isFollowing: Bool) throws(ReadingError) -> String? {
        while position < paths.count {
            let path = paths[position]
            guard Self.isFolder(path) else {
                position += 1
                return path
            }
            let names: [LogFileName]
            do throws(ReadingError) {
                names = try Self.names(in: path)
                if names.isEmpty, last == nil { throw ReadingError(path: path, reason: .empty) }
            } catch {
                leaveFolder()
                throw error
            }
            if let name = names.first(where: { name in last.map { $0 < name.plain } ?? true }) {
                last = name.plain
                return "\(path)/\(name)"
            }
            if isFollowing, position == paths.count - 1 { return nil }
            leaveFolder()
        }
        return nil
    }

    private mutating func leaveFolder() {
        position += 1
        last = nil
    }

    /// Whether another file is there, or may still come into the folder that is read.
    var mayHaveNext: Bool { position < paths.count }

    /// Whether another file is there.
    var hasNext: Bool {
        guard position < paths.count else { return false }
        // After a file the position is that of the next path; in a folder it stays.
        guard let last, position == paths.count - 1 else { return true }
        return (try? Self.names(in: paths[position]))?.contains { last < $0.plain } == true
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        // `status` lives through the call, which only writes to it.
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The files of a log in the order in which they were written; of one that is just being compressed, the plain one.
    private static func names(in folder: String) throws(ReadingError) -> [LogFileName] {
        guard let directory = unsafe opendir(folder) else {
            throw ReadingError(path: folder, reason: .system(code: errno))
        }
        defer { unsafe closedir(directory) }
        var names: [LogFileName: LogFileName] = [:]
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            let text = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard let name = LogFileName(text) else { continue }
            if name.compression == nil || names[name.plain] == nil { names[name.plain] = name }
        }
        return names.values.sorted()
    }
}
