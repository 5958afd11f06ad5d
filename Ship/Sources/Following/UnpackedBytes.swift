internal import Compression
internal import Glibc

/// The bytes of a compressed file, a piece ahead of whoever takes them.
final class UnpackedBytes {
    /// Whether the compressed bytes are damaged, or end too early, behind what is there.
    private(set) var isDamaged = false
    private let descriptor: Int32
    private let decompressor: Decompressor
    /// What was decompressed; what stands before `start` is taken.
    private var ahead: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    // Small: what is decompressed is a multiple of it.
    private var piece = [UInt8](repeating: 0, count: 16 << 10)

    /// Begins at the beginning; nil: there is no memory for it.
    init?(_ descriptor: Int32, _ method: CompressionMethod) {
        guard let decompressor = try? Decompressor(method) else { return nil }
        (self.descriptor, self.decompressor) = (descriptor, decompressor)
    }

    /// Reads on until so many bytes are there, or the file is at its end, or damaged.
    ///
    /// - Returns: 0 or the errno of read(2).
    func fill(_ count: Int) -> Int32 {
        if start > 0, ahead.count - start < count {
            ahead.removeSubrange(..<start)
            start = 0
        }
        while ahead.count - start < count, !isAtEnd, !isDamaged {
            // Writes at most piece.count bytes.
            let result = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { return errno }
            guard result > 0 else {
                isAtEnd = true
                isDamaged = !decompressor.isAtEnd
                break
            }
            do throws(CompressionError) {
                try decompressor.decompress(piece, count: result) { ahead += $0 }
            } catch {
                isDamaged = true
            }
        }
        return 0
    }

    /// So many bytes from the start on, or as many as there are.
    func prefix(_ count: Int) -> [UInt8] { Array(ahead[start...].prefix(count)) }

    /// Takes so many.
    func drop(_ count: Int) { start += min(count, ahead.count - start) }
}
