internal import Synchronization

/// Takes records out of the memory of a ring: kernel/bpf/ringbuf.c, as user space sees it.
///
/// Knows no map and no descriptor. One reader at a time.
@safe struct RingReader {
    /// What stands before each record: its length, of which two bits are flags, and a number for the kernel's own use.
    private static let headerBytes = 8
    /// `BPF_RINGBUF_BUSY_BIT`: it is still being written.
    private static let busy: UInt32 = 1 << 31
    /// `BPF_RINGBUF_DISCARD_BIT`: its writer thought better of it.
    private static let discarded: UInt32 = 1 << 30

    private let consumer: UnsafeMutablePointer<Atomic<UInt>>
    private let producer: UnsafeMutablePointer<Atomic<UInt>>
    private let data: UnsafeMutableRawPointer
    private let size: Int
    /// The one record of each round that the end of the ring cuts is put together here.
    private var whole: [UInt8] = []

    /// Reads from these places, which must stay for as long as this is used.
    ///
    /// - Parameters:
    ///   - consumer: how many bytes were read since the beginning; written here.
    ///   - producer: how many bytes were reserved since the beginning.
    ///   - data: the records, each at a multiple of eight; only read.
    ///   - size: how many bytes of `data` there are: a power of two.
    init(consumer: UnsafeMutableRawPointer, producer: UnsafeMutableRawPointer, data: UnsafeMutableRawPointer, size: Int)
    {
        // Atomic has the layout of its value, and the kernel writes whole words.
        unsafe self.consumer = consumer.assumingMemoryBound(to: Atomic<UInt>.self)
        unsafe self.producer = producer.assumingMemoryBound(to: Atomic<UInt>.self)
        unsafe self.data = data
        self.size = size
    }

    /// Bytes that wait to be read, headers and what is being written included.
    var waitingBytes: UInt {
        // The reader's position first: it is never ahead of the writers'.
        let position = unsafe consumer.pointee.load(ordering: .acquiring)
        return unsafe producer.pointee.load(ordering: .acquiring) &- position
    }

    /// Calls `body` with the records that are there, in order, at most `limit`, and returns how many.
    mutating func consume(limit: Int, _ body: (borrowing RawSpan) -> Void) -> Int {
        var count = 0
        var position = unsafe consumer.pointee.load(ordering: .relaxed)
        while count < limit {
            let end = unsafe producer.pointee.load(ordering: .acquiring)
            guard position != end else { return count }
            while position != end, count < limit {
                guard let length = length(at: position) else { return count }
                if length & Self.discarded == 0 {
                    pass(at: position &+ UInt(Self.headerBytes), count: Int(length), to: body)
                    count += 1
                }
                position &+= UInt((Int(length & ~Self.discarded) + Self.headerBytes + 7) & ~7)
                unsafe consumer.pointee.store(position, ordering: .releasing)
            }
        }
        return count
    }

    private func offset(_ position: UInt) -> Int { Int(position & UInt(size - 1)) }

    /// The length in a header with the flag of the discarded; nil: the record is not written yet.
    private func length(at position: UInt) -> UInt32? {
        // Headers stand at multiples of eight, so the ring's end cuts none.
        let header = unsafe (data + offset(position)).assumingMemoryBound(to: Atomic<UInt32>.self)
        let length = unsafe header.pointee.load(ordering: .acquiring)
        return length & Self.busy == 0 ? length : nil
    }

    private mutating func pass(at position: UInt, count: Int, to body: (borrowing RawSpan) -> Void) {
        let start = offset(position)
        let first = min(count, size - start)
        if first == count {
            // Within `data`, and the kernel leaves it alone until the consumer's position has passed.
            let record = unsafe UnsafeRawBufferPointer(start: data + start, count: count)
            body(unsafe record.bytes)
            return
        }
        whole.removeAll(keepingCapacity: true)
        unsafe whole.append(contentsOf: UnsafeRawBufferPointer(start: data + start, count: first))
        unsafe whole.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count - first))
        // Any bytes are valid as bytes.
        body(unsafe whole.span.bytes)
    }
}
