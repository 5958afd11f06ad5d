internal import Testing

@testable internal import BPF

/// A ring in ordinary memory, written as kernel/bpf/ringbuf.c does.
@safe private final class MadeUpRing {
    static let busy: UInt32 = 1 << 31
    static let discarded: UInt32 = 1 << 30

    let size: Int
    private let positions = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
    private let data: UnsafeMutableRawPointer
    var reader: RingReader

    init(size: Int, position: UInt = 0) {
        self.size = size
        unsafe data = .allocate(byteCount: size, alignment: 8)
        unsafe positions.storeBytes(of: position, as: UInt.self)
        unsafe positions.storeBytes(of: position, toByteOffset: 8, as: UInt.self)
        reader = unsafe RingReader(consumer: positions, producer: positions + 8, data: data, size: size)
    }

    deinit {
        unsafe positions.deallocate()
        unsafe data.deallocate()
    }

    var consumed: UInt { unsafe positions.load(as: UInt.self) }
    private var produced: UInt { unsafe positions.load(fromByteOffset: 8, as: UInt.self) }

    private func place(_ position: UInt) -> Int { Int(position % UInt(size)) }

    /// Writes a record; returns where its header is.
    @discardableResult
    func write(_ bytes: [UInt8], flags: UInt32 = 0) -> UInt {
        let start = produced
        unsafe data.storeBytes(of: UInt32(bytes.count) | flags, toByteOffset: place(start), as: UInt32.self)
        for (index, byte) in bytes.enumerated() {
            unsafe data.storeBytes(of: byte, toByteOffset: place(start &+ 8 &+ UInt(index)), as: UInt8.self)
        }
        unsafe positions.storeBytes(
            of: start &+ UInt((bytes.count + 15) & ~7), toByteOffset: 8, as: UInt.self)
        return start
    }

    /// A record that was busy is written now.
    func commit(_ header: UInt, length: Int) {
        unsafe data.storeBytes(of: UInt32(length), toByteOffset: place(header), as: UInt32.self)
    }

    func read(limit: Int = 100) -> [[UInt8]] {
        var records: [[UInt8]] = []
        let count = reader.consume(limit: limit) { record in
            records.append(unsafe record.withUnsafeBytes { unsafe Array($0) })
        }
        #expect(count == records.count)
        return records
    }
}

@Suite struct RingReaderTests {
    @Test func recordsComeInOrderAndOnce() {
        let ring = MadeUpRing(size: 256)
        ring.write([1])
        ring.write([2, 2, 2, 2, 2, 2, 2, 2, 2])
        ring.write([])
        #expect(ring.reader.waitingBytes == 48)
        #expect(ring.read() == [[1], [2, 2, 2, 2, 2, 2, 2, 2, 2], []])
        #expect(ring.read().isEmpty && ring.consumed == 48 && ring.reader.waitingBytes == 0)
    }

    @Test(arguments: [0, 8, 56, UInt.max - 63])
    func aRecordThatTheRingsEndCutsIsWhole(position: UInt) {
        let ring = MadeUpRing(size: 64, position: position)
        for round in 0..<64 {
            let record = (0..<UInt8(round % 41)).map { $0 &+ UInt8(round) }
            ring.write(record)
            #expect(ring.read() == [record])
        }
    }

    @Test func nothingBehindARecordThatIsBeingWrittenIsRead() {
        let ring = MadeUpRing(size: 256)
        ring.write([1])
        let header = ring.write([2, 2], flags: MadeUpRing.busy)
        ring.write([3])
        #expect(ring.read() == [[1]] && ring.consumed == 16)
        ring.commit(header, length: 2)
        #expect(ring.read() == [[2, 2], [3]])
    }

    @Test func whatItsWriterDiscardedIsPassedOver() {
        let ring = MadeUpRing(size: 256)
        ring.write([1, 1, 1, 1, 1, 1, 1, 1, 1], flags: MadeUpRing.discarded)
        ring.write([2])
        #expect(ring.read() == [[2]] && ring.consumed == 40)
    }

    @Test func notMoreThanTheLimitIsRead() {
        let ring = MadeUpRing(size: 256)
        for byte in 0..<5 as Range<UInt8> { ring.write([byte]) }
        #expect(ring.read(limit: 2) == [[0], [1]])
        #expect(ring.read(limit: 3) == [[2], [3], [4]])
    }
}
