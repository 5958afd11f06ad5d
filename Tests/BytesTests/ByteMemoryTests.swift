import Bytes
import Testing

@Suite("Memory that is handed on")
struct ByteMemoryTests {
    private func bytes(of memory: borrowing ByteMemory) -> [UInt8] {
        memory.withBytes { span in span.indices.map { span[$0] } }
    }

    @Test("what is appended is there in order, also where it had to grow")
    func growth() {
        var memory = ByteMemory(capacity: 1)
        #expect(memory.isEmpty && memory.capacity == 64)
        var expected: [UInt8] = []
        for count in 0..<200 {
            let chunk = (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ count) }
            memory.append(chunk.span)
            expected += chunk
        }
        #expect(bytes(of: memory) == expected && memory.count == expected.count && memory.capacity >= expected.count)
    }

    @Test("one that is emptied or cut keeps its memory")
    func emptied() {
        var memory = ByteMemory(copying: [UInt8](repeating: 7, count: 100).span)
        let capacity = memory.capacity
        memory.truncate(to: 3)
        #expect(bytes(of: memory) == [7, 7, 7])
        memory.removeAll()
        #expect(memory.isEmpty && memory.capacity == capacity)
    }

    @Test("two that are exchanged have each other's bytes")
    func exchange() {
        var one = ByteMemory(copying: [1, 2].span)
        var other = ByteMemory(copying: [3].span)
        swap(&one, &other)
        one.append([4].span)
        #expect(bytes(of: one) == [3, 4] && bytes(of: other) == [1, 2])
    }

    @Test("room is made before it is written to, and counts only then")
    func room() {
        var memory = ByteMemory(copying: [UInt8](repeating: 1, count: 60).span)
        // Five bytes where room was made for eight.
        unsafe memory.place(for: 8).update(repeating: 2, count: 5)
        #expect(memory.count == 60 && memory.capacity >= 68)
        unsafe memory.advance(by: 5)
        #expect(bytes(of: memory) == [UInt8](repeating: 1, count: 60) + [2, 2, 2, 2, 2])
    }
}
