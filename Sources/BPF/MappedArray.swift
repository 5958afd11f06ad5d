internal import CLibbpf
internal import Glibc

/// The values of a BPF_MAP_TYPE_ARRAY with BPF_F_MMAPABLE, read in place: no system call.
///
/// Programs write meanwhile: each number is whole, several of them need not be of the same moment.
@safe public final class MappedArray<Value: BitwiseCopyable> {
    private let memory: MapMemory
    private let stride: Int
    /// How many values there are.
    public let count: Int

    /// Maps the first `count` values of a map.
    ///
    /// The corresponding C function is `mmap`.
    ///
    /// - Throws: ``BPFError``, EINVAL when the map has values of another size, EPERM when it cannot be mapped.
    public init(_ map: Map, count: Int, of type: Value.Type) throws(BPFError) {
        guard MemoryLayout<Value>.size == map.valueSize else {
            throw BPFError("map '\(map.name)' into memory", result: -EINVAL)
        }
        // kernel/bpf/arraymap.c: values on end, each rounded up to eight bytes, whole pages.
        stride = (map.valueSize + 7) & ~7
        memory = try MapMemory(
            descriptor: map.descriptor, protection: PROT_READ, length: count * stride,
            for: "map '\(map.name)' into memory")
        self.count = count
    }

    /// Something within the value at an index below ``count``.
    ///
    /// Values may be large: whoever reads all of their numbers copies only these.
    ///
    /// - Parameter offset: where in the value it begins, bytes.
    public func load<Part: BitwiseCopyable>(at index: Int, offset: Int, as type: Part.Type) -> Part {
        precondition(index >= 0 && index < count && offset >= 0)
        precondition(offset + MemoryLayout<Part>.size <= MemoryLayout<Value>.size)
        // Within the mapping by the preconditions; any bytes are valid.
        return unsafe memory.start.loadUnaligned(fromByteOffset: index * stride + offset, as: Part.self)
    }
}

/// How many CPUs this machine may ever have.
///
/// The corresponding C function is `libbpf_num_possible_cpus`.
public func possibleCPUCount() throws(BPFError) -> Int {
    let count = libbpf_num_possible_cpus()
    try BPFError.check("count the CPUs", count)
    return Int(count)
}
