internal import Glibc
internal import Synchronization

/// A flag that programs set and this process takes back.
///
/// The value of a BPF_MAP_TYPE_ARRAY of one number, four bytes, with BPF_F_MMAPABLE.
@safe public final class SharedFlag {
    private let number: UnsafeMutablePointer<Atomic<UInt32>>
    private let length: Int

    /// Maps the flag.
    ///
    /// The corresponding C function is `mmap`.
    ///
    /// - Throws: ``BPFError``, EINVAL when the map's values have another size, EPERM when it cannot be mapped.
    public init(_ map: Map) throws(BPFError) {
        guard map.valueSize == MemoryLayout<UInt32>.size else {
            throw BPFError("map '\(map.name)' into memory", result: -EINVAL)
        }
        length = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mapped = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, map.descriptor, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw BPFError("map '\(map.name)' into memory", result: -errno)
        }
        // Atomic has the layout of its value, which the programs write as a whole.
        unsafe number = mapped.assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    deinit { unsafe _ = munmap(UnsafeMutableRawPointer(number), length) }

    /// Takes the flag back, before anything is read that is read after this.
    public func clear() {
        // Within the mapping, which lives as long as this.
        unsafe number.pointee.store(0, ordering: .sequentiallyConsistent)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }
}
