internal import Compression
internal import Glibc

/// The bytes of one file, decompressed where it begins as gzip or zstd do.
package final class LogBytes {
    /// The path as it was given; `-` is the standard input.
    let path: String
    private let descriptor: Int32
    private var decompressor: Decompressor?
    private var isBegun = false
    /// Bytes that were read so far, compressed as they are.
    package private(set) var readCount = 0
    private var piece = [UInt8](repeating: 0, count: 256 << 10)

    /// Opens a file.
    package init(path: String) throws(ReadingError) {
        self.path = path
        // The path is a NUL-terminated copy that lives through the call.
        descriptor = path == "-" ? dup(0) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw ReadingError(path: path, reason: .system(code: errno)) }
    }

    deinit { close(descriptor) }

    /// Appends what comes next to `bytes`; false: the end was reached, of what is there now.
    func read(into bytes: inout [UInt8]) throws(ReadingError) -> Bool {
        var count: Int
        repeat {
            // Writes at most as many bytes as there is room for.
            count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw ReadingError(path: path, reason: .system(code: errno)) }
        readCount += count
        do throws(CompressionError) {
            if !isBegun, count > 0 {
                isBegun = true
                decompressor = try method(count).map { method throws(CompressionError) in try Decompressor(method) }
            }
            guard let decompressor else {
                bytes += piece[..<count]
                return count > 0
            }
            try decompressor.decompress(piece, count: count) { bytes += $0 }
            if count == 0, !decompressor.isAtEnd { throw .truncated }
        } catch {
            throw ReadingError(path: path, reason: .compression(error.description))
        }
        return count > 0
    }

    /// How many bytes the file has; nil: it is a pipe.
    package var size: Int? {
        var held = stat()
        // Lives through the call, which only writes to it.
        guard unsafe fstat(descriptor, &held) == 0, held.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(held.st_size)
    }

    /// By its first bytes: names may be anything.
    private func method(_ count: Int) -> CompressionMethod? {
        if count >= 2, piece.starts(with: [0x1f, 0x8b]) { return .gzip }
        if count >= 4, piece.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .zstd }
        return nil
    }

    /// Whether there is less in the file than was read of it: it was cut, and maybe written anew.
    package var isCut: Bool { size.map { $0 < readCount } ?? false }

    /// Whether another file is at the path by now.
    var isReplaced: Bool {
        guard path != "-" else { return false }
        var (there, held) = (stat(), stat())
        // Both live through the calls, which only write to them.
        guard unsafe stat(path, &there) == 0, unsafe fstat(descriptor, &held) == 0 else { return false }
        return there.st_ino != held.st_ino || there.st_dev != held.st_dev
    }
}
