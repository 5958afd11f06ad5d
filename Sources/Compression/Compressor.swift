internal import CZlib
internal import CZstd

/// Compresses bytes as they come, into one frame of zstd or one member of gzip.
@safe
public final class Compressor {
    /// The library's state.
    ///
    /// Invariant: made by `init`, freed by `deinit` alone.
    @safe private enum State {
        case zstd(OpaquePointer)
        case gzip(UnsafeMutablePointer<z_stream>)
    }

    private let state: State
    private static let pieceLength = 128 << 10
    private var piece = [UInt8](repeating: 0, count: pieceLength)

    /// Begins.
    ///
    /// - Parameter level: 1, the fastest, to 9; nil: one that keeps up with what is written, zstd's 3, gzip's 6, which are
    ///   their own defaults.
    /// - Throws: ``CompressionError/outOfMemory``.
    public init(_ method: CompressionMethod, level: Int32? = nil) throws(CompressionError) {
        precondition((1...9).contains(level ?? 1))
        switch method {
        case .zstd:
            guard let context = unsafe ZSTD_createCCtx() else { throw .outOfMemory }
            unsafe state = .zstd(context)
            guard unsafe ZSTD_isError(tattle_zstd_set(context, level ?? 3)) == 0 else { throw .outOfMemory }
        case .gzip:
            guard let stream = unsafe tattle_gzip_compressor(level ?? 6) else { throw .outOfMemory }
            unsafe state = .gzip(stream)
        }
    }

    deinit {
        switch state {
        case .zstd(let context): unsafe ZSTD_freeCCtx(context)
        case .gzip(let stream): unsafe tattle_gzip_end_compressor(stream)
        }
    }

    /// Takes the first `count` bytes of `input`, and appends to `output` what comes of them so far.
    /// - Throws: ``CompressionError/outOfMemory``.
    public func compress(_ input: [UInt8], count: Int, into output: inout [UInt8]) throws(CompressionError) {
        precondition(count >= 0 && count <= input.count)
        try step(input, count, isLast: false, into: &output)
    }

    /// Appends the rest to `output`; nothing may be compressed after that.
    /// - Throws: ``CompressionError/outOfMemory``.
    public func finish(into output: inout [UInt8]) throws(CompressionError) {
        try step([], 0, isLast: true, into: &output)
    }

    private func step(
        _ input: [UInt8], _ count: Int, isLast: Bool, into output: inout [UInt8]
    ) throws(CompressionError) {
        var taken = 0
        while true {
            let (used, made, isDone) =
                switch state {
                case .zstd(let context): try unsafe zstd(context, input, taken..<count, isLast)
                case .gzip(let stream): try unsafe gzip(stream, input, taken..<count, isLast)
                }
            taken += used
            output += piece[..<made]
            if isDone { return }
        }
    }

    private func zstd(
        _ context: OpaquePointer, _ input: [UInt8], _ range: Range<Int>, _ isLast: Bool
    ) throws(CompressionError) -> (used: Int, made: Int, isDone: Bool) {
        let (rest, source, target) = unsafe piece.withUnsafeMutableBytes { piece in
            unsafe input.withUnsafeBytes { input in
                // Both buffers are valid through the call, which keeps to their lengths.
                let start = unsafe input.baseAddress.map { unsafe $0 + range.lowerBound }
                var source = unsafe ZSTD_inBuffer(src: start, size: range.count, pos: 0)
                var target = unsafe ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
                let rest = unsafe ZSTD_compressStream2(
                    context, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
                return unsafe (rest, source.pos, target.pos)
            }
        }
        guard ZSTD_isError(rest) == 0 else { throw .outOfMemory }
        return (source, target, isLast ? rest == 0 : source == range.count)
    }

    private func gzip(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: [UInt8], _ range: Range<Int>, _ isLast: Bool
    ) throws(CompressionError) -> (used: Int, made: Int, isDone: Bool) {
        let (code, left, room) = unsafe piece.withUnsafeMutableBufferPointer { piece in
            unsafe input.withUnsafeBufferPointer { input in
                // Both buffers are valid through the call, which keeps to their lengths and does not write to `input`.
                let start = unsafe input.baseAddress.map { unsafe $0 + range.lowerBound }
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
                unsafe stream.pointee.avail_in = UInt32(range.count)
                unsafe stream.pointee.next_out = piece.baseAddress
                unsafe stream.pointee.avail_out = UInt32(piece.count)
                let code = unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                return unsafe (code, Int(stream.pointee.avail_in), Int(stream.pointee.avail_out))
            }
        }
        // Z_BUF_ERROR: nothing to do. It comes where all was taken before.
        guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(code) else { throw .outOfMemory }
        return (range.count - left, piece.count - room, isLast ? code == Z_STREAM_END : left == 0 && room > 0)
    }
}
