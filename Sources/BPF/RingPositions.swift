internal import CLibbpf
internal import Glibc

/// How full a BPF_MAP_TYPE_RINGBUF is, read in place: no system call.
@safe public final class RingPositions {
    private let base: UnsafeRawPointer
    private let page: Int

    /// Maps the pages on which the kernel keeps both positions: kernel/bpf/ringbuf.c, `struct bpf_ringbuf`.
    ///
    /// The corresponding C function is `mmap`.
    ///
    /// - Throws: ``BPFError`` when they cannot be mapped.
    public init(_ map: Map) throws(BPFError) {
        page = Int(sysconf(Int32(_SC_PAGESIZE)))
        // The reader's position is first on the first page, the writers' on the second.
        let mapped = unsafe mmap(nil, 2 * page, PROT_READ, MAP_SHARED, map.descriptor, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw BPFError("map '\(map.name)' into memory", result: -errno)
        }
        unsafe base = UnsafeRawPointer(mapped)
    }

    deinit { unsafe _ = munmap(UnsafeMutableRawPointer(mutating: base), 2 * page) }

    /// Bytes that wait to be read, headers and what is being written included.
    public var waitingBytes: UInt64 {
        // The reader's first: it is never ahead of the writers. Both are within the mapping.
        let read = unsafe base.loadUnaligned(as: UInt64.self)
        let written = unsafe base.loadUnaligned(fromByteOffset: page, as: UInt64.self)
        return written > read ? written - read : 0
    }
}
