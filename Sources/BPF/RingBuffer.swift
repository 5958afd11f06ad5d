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

    /// A mapping that lasts as long as this.
    @safe private final class Mapping {
        let start: UnsafeMutableRawPointer
        let length: Int

        init(_ map: Map, protection: Int32, offset: Int, length: Int) throws(BPFError) {
            let mapped = unsafe mmap(nil, length, protection, MAP_SHARED, map.descriptor, offset)
            guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
                throw BPFError("open ring buffer '\(map.name)'", result: -errno)
            }
            unsafe start = mapped
            self.length = length
        }

        deinit { unsafe _ = munmap(start, length) }
    }

    /// Becomes readable when there are records: for epoll.
    public let pollDescriptor: Int32
    private let mappings: [Mapping]
    private var reader: RingReader

    /// Opens the reading end of a map, whose ``Object`` must outlive it.
    ///
    /// The corresponding C function is `mmap`.
    public init(_ map: Map) throws(BPFError) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        // The first page is the consumer's position, the second the producer's; then come the records.
        let consumer = try Mapping(map, protection: PROT_READ | PROT_WRITE, offset: 0, length: page)
        let rest = try Mapping(map, protection: PROT_READ, offset: page, length: page + map.maximumEntries)
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
