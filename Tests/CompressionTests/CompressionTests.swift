import Testing

@testable import Compression

@Suite("Compression")
struct CompressionTests {
    /// Bytes that compress badly in parts and well in others.
    private func sample(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return index / 5000 % 2 == 0 ? UInt8(truncatingIfNeeded: state >> 33) : UInt8(index % 7)
        }
    }

    private func compressed(
        _ bytes: [UInt8], _ method: CompressionMethod, level: Int32? = nil, piece: Int
    ) throws -> [UInt8] {
        let compressor = try Compressor(method, level: level)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = Array(bytes[start..<min(start + piece, bytes.count)])
            try compressor.compress(part, count: part.count, into: &output)
        }
        try compressor.finish(into: &output)
        return output
    }

    private func decompressed(
        _ bytes: [UInt8], _ method: CompressionMethod, piece: Int
    ) throws -> (bytes: [UInt8], isWhole: Bool) {
        let decompressor = try Decompressor(method)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = Array(bytes[start..<min(start + piece, bytes.count)])
            try decompressor.decompress(part, count: part.count) { output += $0 }
        }
        return (output, decompressor.isAtEnd)
    }

    @Test(
        "what was compressed comes back, in whatever pieces", arguments: CompressionMethod.allCases,
        [0, 1, 4096, 1_000_000])
    func roundTrip(method: CompressionMethod, count: Int) throws {
        let bytes = sample(count)
        for piece in [257, 300_000] where count < 10_000 || piece > 1000 {
            let packed = try compressed(bytes, method, piece: piece)
            let (unpacked, isWhole) = try decompressed(packed, method, piece: piece)
            #expect(unpacked == bytes)
            #expect(isWhole)
        }
    }

    @Test("a low level makes more bytes, which come back just so", arguments: CompressionMethod.allCases)
    func levels(method: CompressionMethod) throws {
        // Words that repeat far apart: what a low level does not look for.
        let words = sample(40_000)
        let bytes = (0..<20_000).flatMap { words[($0 * 7_919 % 39_000)..<($0 * 7_919 % 39_000 + 20)] }
        let (fast, thorough) = (
            try compressed(bytes, method, level: 1, piece: bytes.count),
            try compressed(bytes, method, level: 9, piece: bytes.count)
        )
        #expect(fast.count > thorough.count)
        #expect(try decompressed(fast, method, piece: fast.count).bytes == bytes)
        #expect(try decompressed(thorough, method, piece: thorough.count).bytes == bytes)
    }

    @Test("a long run of one byte comes back from a few", arguments: CompressionMethod.allCases)
    func expansion(method: CompressionMethod) throws {
        let bytes = [UInt8](repeating: 120, count: 2_000_000)
        let packed = try compressed(bytes, method, piece: 100_000)
        #expect(packed.count < 10_000)
        let (unpacked, isWhole) = try decompressed(packed, method, piece: packed.count)
        #expect(unpacked == bytes && isWhole)
    }

    @Test("several frames one after the other are read as one", arguments: CompressionMethod.allCases)
    func frames(method: CompressionMethod) throws {
        let packed = try compressed(sample(5000), method, piece: 5000) + compressed([1, 2, 3], method, piece: 3)
        let (unpacked, isWhole) = try decompressed(packed, method, piece: 100)
        #expect(unpacked == sample(5000) + [1, 2, 3])
        #expect(isWhole)
    }

    @Test("what was cut off is not whole, and what was changed is damaged", arguments: CompressionMethod.allCases)
    func damage(method: CompressionMethod) throws {
        var packed = try compressed(sample(20_000), method, piece: 1000)
        for count in [1, 5, packed.count / 2, packed.count - 1] {
            let (_, isWhole) = try decompressed(Array(packed[..<count]), method, piece: 1000)
            #expect(!isWhole, "\(count) of \(packed.count) bytes")
        }
        // In the checksum, which both formats end with; gzip's length follows it.
        packed[packed.count - (method == .gzip ? 6 : 2)] ^= 1
        #expect(throws: CompressionError.damaged) { try decompressed(packed, method, piece: 1000) }
    }

    @Test("a file's name says how it was compressed")
    func names() {
        #expect(CompressionMethod(fileName: "a.ndjson.zst") == .zstd)
        #expect(CompressionMethod(fileName: "a.ndjson.gz") == .gzip)
        #expect(CompressionMethod(fileName: "a.ndjson") == nil)
        #expect(CompressionMethod(fileName: "zst") == nil)
    }
}
