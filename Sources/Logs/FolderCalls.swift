import Glibc

/// The system calls on the files of a folder, so that a test can make every one of them fail.
///
/// Those that return nothing else return 0 or an errno.
struct FolderCalls: Sendable {
    /// open(2) of a new file for appending, for its owner and group only: its descriptor or −errno.
    var create: @Sendable (_ path: String) -> Int32 = { path in
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        return descriptor < 0 ? -errno : descriptor
    }
    /// write(2): how many bytes were taken, or −errno.
    var write: @Sendable (_ descriptor: Int32, _ bytes: Span<UInt8>) -> Int = SinkCalls().write
    /// Takes back so many bytes at the file's end, as for a file that is not in a folder.
    var cutBack: @Sendable (_ descriptor: Int32, _ bytes: Int) -> Bool = SinkCalls().cutBack
    /// fstat(2): whether the file still has a name.
    var hasName: @Sendable (_ descriptor: Int32) -> Bool = { descriptor in
        var status = stat()
        // `status` lives through the call, which only writes to it. Unsure means yes: nothing is written twice.
        return unsafe fstat(descriptor, &status) != 0 || status.st_nlink > 0
    }
    /// fdatasync(2): 0 or an errno.
    var synchronize: @Sendable (_ descriptor: Int32) -> Int32 = { fdatasync($0) == 0 ? 0 : errno }
    /// rename(2): 0 or an errno.
    var rename: @Sendable (_ path: String, _ newPath: String) -> Int32 = { path, newPath in
        // Both are NUL-terminated copies that live through the call.
        unsafe Glibc.rename(path, newPath) == 0 ? 0 : errno
    }
    /// unlink(2): 0 or an errno.
    var remove: @Sendable (_ path: String) -> Int32 = { path in
        // The path is a NUL-terminated copy that lives through the call.
        unsafe unlink(path) == 0 ? 0 : errno
    }
}
