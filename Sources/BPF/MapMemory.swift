internal import Glibc

/// Memory of a BPF map, mapped into this process for as long as this lives.
@safe final class MapMemory {
    /// Where it begins: at a page.
    let start: UnsafeMutableRawPointer
    /// Bytes, whole pages.
    let length: Int

    /// Maps a part of a map.
    ///
    /// The corresponding C function is `mmap`.
    ///
    /// - Parameters:
    ///   - descriptor: the map's.
    ///   - protection: `PROT_READ`, and `PROT_WRITE` if it is written to.
    ///   - offset: where the part begins, bytes, a multiple of the page size.
    ///   - length: bytes, rounded up to whole pages.
    ///   - purpose: what it is mapped for, for the error.
    /// - Throws: ``BPFError``, EPERM when the map cannot be mapped.
    init(descriptor: Int32, protection: Int32, offset: Int = 0, length: Int, for purpose: String) throws(BPFError) {
        let page = Self.pageSize
        self.length = (length + page - 1) / page * page
        let mapped = unsafe mmap(nil, self.length, protection, MAP_SHARED, descriptor, offset)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { throw BPFError(purpose, result: -errno) }
        unsafe start = mapped
    }

    deinit { unsafe _ = munmap(start, length) }

    /// Bytes of a page.
    static var pageSize: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }
}
