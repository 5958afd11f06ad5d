internal import Glibc
internal import Synchronization

/// A flag that programs set and this process takes back.
///
/// The value of a BPF_MAP_TYPE_ARRAY of one number, four bytes, with BPF_F_MMAPABLE.
@safe public final class SharedFlag {
    private let number: UnsafeMutablePointer<Atomic<UInt32>>
    /// Owns what ``number`` stands in.
    private let memory: MapMemory

    /// Maps the flag.
    ///
    /// The corresponding C function is `mmap`.
    ///
    /// - Throws: ``BPFError``, EINVAL when the map's values have another size, EPERM when it cannot be mapped.
    public init(_ map: Map) throws(BPFError) {
        guard map.valueSize == MemoryLayout<UInt32>.size else {
            throw BPFError("map '\(map.name)' into memory", result: -EINVAL)
        }
        memory = try MapMemory(
            descriptor: map.descriptor, protection: PROT_READ | PROT_WRITE, length: map.valueSize,
            for: "map '\(map.name)' into memory")
        // Atomic has the layout of its value, which the programs write as a whole.
        unsafe number = memory.start.assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// Takes the flag back, before anything is read that is read after this.
    public func clear() {
        // Within the mapping, which lives as long as this.
        unsafe number.pointee.store(0, ordering: .sequentiallyConsistent)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }
}
