import Bytes
import Testing

@testable import Logs

@Suite("Lines on their way to the writer")
struct BatchTests {
    @Test("many lines are handed on as they are, few are copied to those that wait")
    func handedOn() {
        var spare = SparePieces()
        var batch = Batch()
        var memory = ByteMemory()
        for (count, pieces) in [(3, 1), (4, 1), (4000, 2), (5, 2), (6000, 3)] {
            memory.append(lines(0..<count).span)
            let isLarge = memory.count > Batch.copiedBytes
            let place = unsafe memory.start
            batch.take(&memory, &spare)
            #expect(memory.isEmpty && batch.pieces.count == pieces)
            let last = batch.pieces[pieces - 1]
            if isLarge { unsafe #expect(last.bytes.start == place) }
        }
        let expected = [3, 4, 4000, 5, 6000].flatMap { lines(0..<$0) }
        #expect(batch.pieces.flatMap { $0.bytes.copy() } == expected)
        #expect(batch.byteCount == expected.count && batch.lineCount == 10_012)
        batch.take(&memory, &spare)
        #expect(batch.pieces.count == 3, "nothing is no piece")
    }

    @Test("a few lines that come again and again fill one piece after the other, to a quarter of its room")
    func filled() {
        var spare = SparePieces()
        var batch = Batch()
        let chunk = [UInt8](repeating: 10, count: 10_000)
        for _ in 0..<60 {
            var memory = ByteMemory()
            memory.append(chunk.span)
            batch.take(&memory, &spare)
        }
        #expect(batch.pieces.map { $0.bytes.count } == [270_000, 270_000, 60_000])
    }

    @Test("lines that have no room beside those that wait are not split")
    func full() {
        var spare = SparePieces()
        var batch = Batch()
        var memory = ByteMemory(capacity: 100)
        memory.append([UInt8](repeating: 10, count: 90).span)
        batch.take(&memory, &spare)
        memory.append([UInt8](repeating: 10, count: 11).span)
        batch.take(&memory, &spare)
        #expect(batch.pieces.map { $0.bytes.count } == [90, 11])
    }

    @Test("memory goes back and forth: two pieces are enough for whoever fills one while another is written")
    func reuse() {
        var spare = SparePieces()
        var batch = Batch()
        var memory = ByteMemory()
        var places: Set<UInt> = []
        for _ in 0..<10 {
            memory.append(Array("a line\n".utf8).span)
            unsafe places.insert(UInt(bitPattern: memory.start))
            batch.take(&memory, &spare)
            batch.removeAll(&spare)
        }
        #expect(places.count == 2)
    }

    @Test("of memory that is smaller or much larger than the usual, none is kept; of the usual, not any amount")
    func kept() {
        var spare = SparePieces()
        var batch = Batch()
        for capacity in [64, 4 << 20] {
            var memory = ByteMemory(capacity: capacity)
            memory.append(Array("a line\n".utf8).span)
            batch.take(&memory, &spare)
            let given = batch.pieces[0]
            batch.removeAll(&spare)
            #expect(spare.take() !== given)
        }
        for _ in 0..<SparePieces.limit + 10 {
            var memory = ByteMemory()
            memory.append([UInt8](repeating: 10, count: Batch.copiedBytes + 1).span)
            batch.take(&memory, &spare)
        }
        let given = batch.pieces
        batch.removeAll(&spare)
        #expect(spare.isLarge)
        let kept = (0..<SparePieces.limit + 1).map { _ in spare.take() }
        let known = Set(given.map(ObjectIdentifier.init))
        #expect(kept.filter { known.contains(ObjectIdentifier($0)) && $0.bytes.isEmpty }.count == SparePieces.limit)
        withExtendedLifetime(given) {}
        for piece in kept { spare.put(piece) }
        spare.shrink()
        #expect(!spare.isLarge)
    }
}
