internal import CZlib
internal import CZstd

/// Decompresses bytes as they come: frames of zstd or members of gzip, one after the other.
@safe
public final class Decompressor {
    /// The library's state.
    ///
    /// Invariant: made by `init`, freed by `deinit` alone.
    @safe private enum State {
        case zstd(OpaquePointer)
        case gzip(UnsafeMutablePointer<z_stream>)
    }

    /// Whether what was read so far is whole: it ended where a frame or a member ends, or is nothing.
    public private(set) var isAtEnd = true
    private let state: State
    private static let pieceLength = 128 << 10
    private var piece = [UInt8](repeating: 0, count: pieceLength)

    /// Begins.
    /// - Throws: ``CompressionError/outOfMemory``.
    public init(_ method: CompressionMethod) throws(CompressionError) {
        switch method {
        case .zstd:
            guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
            unsafe state = .zstd(context)
        case .gzip:
            guard let stream = unsafe tattle_gzip_decompressor() else { throw .outOfMemory }
            unsafe state = .gzip(stream)
        }
    }

    deinit {
        switch state {
        case .zstd(let context): unsafe ZSTD_freeDCtx(context)
        case .gzip(let stream): unsafe tattle_gzip_end_decompressor(stream)
        }
    }

    /// Takes the first `count` bytes of `input`, and gives `body` what comes of them, 128 KiB at a time at most.
    /// - Throws: ``CompressionError/damaged``.
    public func decompress(_ input: [UInt8], count: Int, _ body: (ArraySlice<UInt8>) -> Void) throws(CompressionError) {
        precondition(count >= 0 && count <= input.count)
        var taken = 0
        var isPieceFull = false
        // A piece that was filled may not have had room for all.
        while taken < count || isPieceFull {
            let (used, made, isAtEnd) =
                switch state {
                case .zstd(let context): try unsafe zstd(context, input, taken..<count)
                case .gzip(let stream): try unsafe gzip(stream, input, taken..<count)
                }
            taken += used
            isPieceFull = made == piece.count
            if used > 0 || made > 0 { self.isAtEnd = isAtEnd }
            if made > 0 { body(piece[..<made]) }
        }
    }

    private func zstd(
        _ context: OpaquePointer, _ input: [UInt8], _ range: Range<Int>
    ) throws(CompressionError) -> (used: Int, made: Int, isAtEnd: Bool) {
        let (rest, source, target) = unsafe piece.withUnsafeMutableBytes { piece in
            unsafe input.withUnsafeBytes { input in
                // Both buffers are valid through the call, which keeps to their lengths.
                let start = unsafe input.baseAddress.map { unsafe $0 + range.lowerBound }
                var source = unsafe ZSTD_inBuffer(src: start, size: range.count, pos: 0)
                var target = unsafe ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
                let rest = unsafe ZSTD_decompressStream(context, &target, &source)
                return unsafe (rest, source.pos, target.pos)
            }
        }
        guard ZSTD_isError(rest) == 0 else { throw .damaged }
        return (source, target, rest == 0)
    }

    private func gzip(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: [UInt8], _ range: Range<Int>
    ) throws(CompressionError) -> (used: Int, made: Int, isAtEnd: Bool) {
        let (code, left, room) = unsafe piece.withUnsafeMutableBufferPointer { piece in
            unsafe input.withUnsafeBufferPointer { input in
                // Both buffers are valid through the call, which keeps to their lengths and does not write to `input`.
                let start = unsafe input.baseAddress.map { unsafe $0 + range.lowerBound }
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
                unsafe stream.pointee.avail_in = UInt32(range.count)
                unsafe stream.pointee.next_out = piece.baseAddress
                unsafe stream.pointee.avail_out = UInt32(piece.count)
                let code = unsafe inflate(stream, Z_NO_FLUSH)
                return unsafe (code, Int(stream.pointee.avail_in), Int(stream.pointee.avail_out))
            }
        }
        // Z_BUF_ERROR: nothing to do.
        guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(code) else { throw .damaged }
        // Another member may follow.
        if code == Z_STREAM_END { unsafe inflateReset(stream) }
        return (range.count - left, piece.count - room, code == Z_STREAM_END)
    }
}
