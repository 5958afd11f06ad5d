internal import Compression
internal import Glibc

/// The bytes of one file, decompressed where it begins as gzip or zstd do.
package final class LogBytes {
    /// The path as it was given; `-` is the standard input.
    let path: String
    private let descriptor: Int32
    private var decompressor: Decompressor?
    private var isBegun = false
    /// What came while it could still be the beginning of either method: a pipe may give a byte at a time.
    private var beginning: [UInt8] = []
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
            if !isBegun {
                beginning += piece[..<count]
                if count > 0, Self.mayBecomeCompressed(beginning) { return true }
                guard !beginning.isEmpty else { return false }
                isBegun = true
                decompressor = try Self.method(of: beginning).map { method throws(CompressionError) in
                    try Decompressor(method)
                }
                try take(beginning, count: beginning.count, into: &bytes)
                beginning = []
            } else {
                try take(piece, count: count, into: &bytes)
            }
            if count == 0, decompressor?.isAtEnd == false { throw .truncated }
        } catch {
            throw ReadingError(path: path, reason: .compression(error.description))
        }
        return count > 0
    }

    /// Appends the first `count` of what was read to `bytes`, decompressed.
    private func take(_ read: [UInt8], count: Int, into bytes: inout [UInt8]) throws(CompressionError) {
        guard let decompressor else {
            bytes += read[..<count]
            return
        }
        try decompressor.decompress(read, count: count) { bytes += $0 }
    }

    /// How many bytes the file has; nil: it is a pipe.
    package var size: Int? {
        var held = stat()
        // Lives through the call, which only writes to it.
        guard unsafe fstat(descriptor, &held) == 0, held.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(held.st_size)
    }

    /// What a compressed file begins with: names may be anything.
    private static let signatures: [(method: CompressionMethod, bytes: [UInt8])] = [
        (.gzip, [0x1f, 0x8b]), (.zstd, [0x28, 0xb5, 0x2f, 0xfd]),
    ]

    private static func method(of beginning: [UInt8]) -> CompressionMethod? {
        signatures.first { beginning.starts(with: $0.bytes) }?.method
    }

    /// Whether it depends on what comes next.
    private static func mayBecomeCompressed(_ beginning: [UInt8]) -> Bool {
        signatures.contains { beginning.count < $0.bytes.count && $0.bytes.starts(with: beginning) }
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
