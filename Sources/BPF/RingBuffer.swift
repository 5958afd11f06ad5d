internal import CLibbpf
internal import Glibc

/// The reading end of a BPF_MAP_TYPE_RINGBUF.
///
/// Lives on one thread.
@safe public final class RingBuffer {
    /// What is called with each record; a box, because C carries one pointer.
    private final class Receiver {
        var body: ((borrowing RawSpan) -> Void)?
        var left = 0
    }

    /// Records that one ``consume(_:)`` hands over at the most: it returns, however fast they come.
    public static let batch = 16_384
    /// What the callback returns to stop: libbpf passes it on, after it has moved past the record.
    private static let enough = -ECANCELED

    private let pointer: OpaquePointer
    private let receiver = Receiver()

    /// Opens the reading end of a map.
    public init(_ map: Map) throws(BPFError) {
        // The receiver is owned by this object, which frees the ring first: unretained is enough.
        let context = unsafe Unmanaged.passUnretained(receiver).toOpaque()
        let opened = unsafe ring_buffer__new(
            map.descriptor,
            { context, data, size in
                guard let context = unsafe context, let data = unsafe data else { return 0 }
                let receiver = unsafe Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                // Valid until the callback returns; the closure can't keep a borrowed span.
                let bytes = unsafe UnsafeRawBufferPointer(start: data, count: Int(size))
                receiver.body?(unsafe bytes.bytes)
                receiver.left -= 1
                return receiver.left > 0 ? 0 : RingBuffer.enough
            }, context, nil)
        guard let opened = unsafe opened else { throw BPFError("open ring buffer '\(map.name)'", result: -errno) }
        unsafe pointer = opened
    }

    deinit { unsafe ring_buffer__free(pointer) }

    /// Becomes readable when there are records: for epoll.
    public var pollDescriptor: Int32 { unsafe ring_buffer__epoll_fd(pointer) }

    /// Calls `body` with the records that are there, in order, at most ``batch``, and returns how many.
    ///
    /// - Throws: ``BPFError`` when the ring cannot be read.
    @discardableResult
    public func consume(_ body: (borrowing RawSpan) -> Void) throws(BPFError) -> Int {
        let result = withoutActuallyEscaping(body) { body in
            receiver.body = body
            receiver.left = Self.batch
            defer { receiver.body = nil }
            return unsafe ring_buffer__consume(pointer)
        }
        if result != Self.enough { try BPFError.check("read the ring buffer", result) }
        return Self.batch - receiver.left
    }
}
