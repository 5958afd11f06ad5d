internal import Compression
import Glibc

/// Compresses a file of a folder: afterwards there is one of the two, whole, whenever it is interrupted.
struct FileCompressor {
    let folder: LogFolder
    let method: CompressionMethod
    let calls: FolderCalls

    private static let blockLength = 256 << 10

    /// Compresses a file and removes it.
    ///
    /// The result has its owner and its time, and its name only when it is on the disk.
    /// - Parameter isStopped: asked before each block; true: leave it as it was.
    /// - Returns: 0 or an errno.
    func compress(_ name: LogFileName, isStopped: () -> Bool) -> Int32 {
        let path = folder.path(of: name)
        // A line that was torn when a device failed is not to be kept for ever.
        let mending = folder.mend(name)
        if case .failure(let code) = mending { return code }
        // The path is a NUL-terminated copy that lives through the call.
        let source = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard source >= 0 else { return errno }
        defer { close(source) }
        var packed = name
        packed.compression = method
        let temporary = folder.temporaryPath(of: packed)
        _ = calls.remove(temporary)
        let target = calls.create(temporary)
        guard target >= 0 else { return -target }
        defer { close(target) }
        var code = copy(source, target, isStopped)
        if code == 0 { code = keepFacts(source, target) }
        if code == 0 { code = calls.synchronize(target) }
        if code == 0 { code = calls.rename(temporary, folder.path(of: packed)) }
        guard code == 0 else {
            _ = calls.remove(temporary)
            return code == ECANCELED ? 0 : code
        }
        code = folder.synchronize()
        return code != 0 ? code : calls.remove(path)
    }

    /// Reads one and writes the other.
    /// - Returns: 0 or an errno; ECANCELED: it was stopped.
    private func copy(_ source: Int32, _ target: Int32, _ isStopped: () -> Bool) -> Int32 {
        var input = [UInt8](repeating: 0, count: Self.blockLength)
        var output: [UInt8] = []
        do throws(CompressionError) {
            let compressor = try Compressor(method)
            while true {
                if isStopped() { return ECANCELED }
                // Writes at most input.count bytes.
                let count = unsafe input.withUnsafeMutableBytes { unsafe read(source, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { return errno }
                if count == 0 {
                    try compressor.finish(into: &output)
                } else {
                    try compressor.compress(input, count: count, into: &output)
                }
                let code = write(output, to: target)
                if code != 0 || count == 0 { return code }
                output.removeAll(keepingCapacity: true)
            }
        } catch {
            return ENOMEM
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var done = 0
        while done < bytes.count {
            let result = calls.write(descriptor, bytes.span.extracting(droppingFirst: done))
            if result > 0 {
                done += result
            } else if result != -Int(EINTR) {
                return result == 0 ? EIO : Int32(clamping: -result)
            }
        }
        return 0
    }

    /// Whose it is, who may read it, and when it was last written to.
    private func keepFacts(_ source: Int32, _ target: Int32) -> Int32 {
        var status = stat()
        // `status` lives through the call, which only writes to it.
        guard unsafe fstat(source, &status) == 0 else { return errno }
        // Without the privilege it stays ours.
        _ = fchown(target, status.st_uid, status.st_gid)
        guard fchmod(target, status.st_mode & 0o7777) == 0 else { return errno }
        let times = [status.st_atim, status.st_mtim]
        // Two times, as futimens wants.
        return unsafe futimens(target, times) == 0 ? 0 : errno
    }
}
