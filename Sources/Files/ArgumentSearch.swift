internal import Glibc
internal import Model

/// Reads the arguments of a process that the kernel had cut, and believes them only where they agree with what it told.
///
/// A program may write over its arguments (setproctitle does): then what the kernel told at exec stands.
struct ArgumentSearch {
    /// How many bytes are read at most, those that are known included.
    let limitBytes: Int
    /// Where /proc is.
    var processFileSystem = "/proc"
    /// Called before a process is looked at, for tests to wait in.
    var willFind: @Sendable () -> Void = {}

    /// All arguments of the process, up to the limit; nil: it is gone, runs something else or has overwritten them.
    func find(_ request: ArgumentRequest) -> [UInt8]? {
        willFind()
        let folder = ProcessFolder.path(of: request.process.pid, in: processFileSystem)
        do throws(CallError) {
            let file = try OpenFile("\(folder)/cmdline", flags: O_RDONLY)
            let wanted = min(request.totalBytes, limitBytes)
            let bytes = try Self.read(file, upTo: wanted)
            guard Self.agree(bytes, with: request, limitBytes: limitBytes),
                try file.length(from: request.totalBytes - 1, upTo: 2) == 1
            else { return nil }
            // Afterwards: a process that is the right one now was so before, as it has been seen already. One that
            // has executed another program meanwhile shows that.
            guard try Self.isRunning(request.stamp, at: "\(folder)/exe"),
                try request.process.isCurrent(in: processFileSystem)
            else { return nil }
            return bytes
        } catch {
            return nil
        }
    }

    /// Whether what was read continues what is known, and is as long as it has to be.
    static func agree(_ bytes: [UInt8], with request: ArgumentRequest, limitBytes: Int) -> Bool {
        bytes.count == min(request.totalBytes, limitBytes) && bytes.count > request.firstBytes.count
            && bytes.starts(with: request.firstBytes)
    }

    private static func read(_ file: OpenFile, upTo limit: Int) throws(CallError) -> [UInt8] {
        guard limit > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let got = try file.read(into: &bytes, from: count)
            if got == 0 { break }
            count += got
        }
        bytes.removeLast(limit - count)
        return bytes
    }

    private static func isRunning(_ stamp: FileStamp, at path: String) throws(CallError) -> Bool {
        // Only looked at, whatever it is.
        let now = FileStamp(try OpenFile(path, flags: OpenFile.place).status())
        return stamp.comparison(with: now, isOfProcess: true) == .same
    }
}
