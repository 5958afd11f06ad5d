internal import CLibbpf
internal import Glibc

/// The reading end of a BPF_MAP_TYPE_RINGBUF.
///
/// libbpf's own reader maps the records twice on end, so that each is in one piece. The kernel counts both as resident
/// memory of the reader from the start (kernel/bpf/ringbuf.c `ringbuf_map_mmap_user()`: `remap_vmalloc_range()`), 16 MiB
/// for a ring of 8. Here they are mapped once.
///
/// Lives on one thread.
@safe public final class RingBuffer {
    /// Records that one ``consume(_:)`` hands over at the most: it returns, however fast they come.
    public static let batch = 16_384

    /// Becomes readable when there are records: for epoll.
    public let pollDescriptor: Int32
    private let mappings: [MapMemory]
    private var reader: RingReader

    /// Opens the reading end of a map, whose ``Object`` must outlive it.
    ///
    /// The corresponding C function is `mmap`.
    public init(_ map: Map) throws(BPFError) {
        let page = MapMemory.pageSize
        let purpose = "open ring buffer '\(map.name)'"
        // The first page is the consumer's position, the second the producer's; then come the records.
        let consumer = try MapMemory(
            descriptor: map.descriptor, protection: PROT_READ | PROT_WRITE, length: page, for: purpose)
        let rest = try MapMemory(
            descriptor: map.descriptor, protection: PROT_READ, offset: page, length: page + map.maximumEntries,
            for: purpose)
        // The mappings live as long as this object, which owns the reader.
        reader = unsafe RingReader(
            consumer: consumer.start, producer: rest.start, data: rest.start + page, size: map.maximumEntries)
        mappings = [consumer, rest]
        pollDescriptor = map.descriptor
    }

    /// Bytes that wait to be read, headers and what is being written included; no system call.
    public var waitingBytes: UInt64 { UInt64(reader.waitingBytes) }

    /// Calls `body` with the records that are there, in order, at most ``batch``, and returns how many.
    @discardableResult
    public func consume(_ body: (borrowing RawSpan) -> Void) -> Int { reader.consume(limit: Self.batch, body) }
}
