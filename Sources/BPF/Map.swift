internal import CLibbpf
internal import Glibc

/// A map of a loaded ``Object``, which owns its descriptor and must outlive it.
public struct Map {
    /// The map's name.
    public let name: String
    let descriptor: Int32
    let valueSize: Int
    /// How many entries it may have; of a ring buffer, its bytes.
    public let maximumEntries: Int

    /// The value under a key; nil when there is none.
    ///
    /// The corresponding C function is `bpf_map_lookup_elem`.
    public func value<Key: BitwiseCopyable, Value: BitwiseCopyable>(of key: Key, as type: Value.Type) -> Value? {
        guard MemoryLayout<Value>.size == valueSize else { return nil }
        return unsafe withUnsafeBytes(of: key) { key in
            unsafe withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { value in
                // The kernel writes valueSize bytes, which is the size of Value.
                guard unsafe bpf_map_lookup_elem(descriptor, key.baseAddress, value.baseAddress) == 0 else {
                    return nil
                }
                return unsafe value[0]
            }
        }
    }

    /// The keys that are there now.
    ///
    /// The corresponding C function is `bpf_map_get_next_key`.
    public func keys<Key: BitwiseCopyable>(as type: Key.Type) -> [Key] {
        var keys: [Key] = []
        unsafe withUnsafeTemporaryAllocation(of: Key.self, capacity: 1) { next in
            // The kernel writes one key, whose size the caller knows.
            var result = unsafe bpf_map_get_next_key(descriptor, nil, next.baseAddress)
            while result == 0 {
                unsafe keys.append(next[0])
                result = unsafe withUnsafeBytes(of: next[0]) { key in
                    unsafe bpf_map_get_next_key(descriptor, key.baseAddress, next.baseAddress)
                }
            }
        }
        return keys
    }

    /// How many entries there are now, and how many there may be.
    ///
    /// The corresponding C function is `bpf_map_get_next_key`, which keeps no program from running, as a look-up does
    /// with kprobes (kernel/bpf/syscall.c: bpf_disable_instrumentation()).
    public func use<Key: BitwiseCopyable>(keysAs type: Key.Type) -> (entries: Int, capacity: Int) {
        var count = 0
        unsafe withUnsafeTemporaryAllocation(of: Key.self, capacity: 1) { key in
            // The kernel reads one key and writes the next, whose size the caller knows; it may be the same place.
            var result = unsafe bpf_map_get_next_key(descriptor, nil, key.baseAddress)
            // From a key that went meanwhile the kernel begins anew.
            while result == 0, count < maximumEntries {
                count += 1
                result = unsafe bpf_map_get_next_key(descriptor, key.baseAddress, key.baseAddress)
            }
        }
        return (count, maximumEntries)
    }

    /// Puts a value under a key.
    ///
    /// - Throws: ``BPFError``, E2BIG when the map is full.
    public func set<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, to value: Value) throws(BPFError) {
        guard MemoryLayout<Value>.size == valueSize else { throw BPFError("write map '\(name)'", result: -EINVAL) }
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe withUnsafeBytes(of: value) { value in
                unsafe bpf_map_update_elem(descriptor, key.baseAddress, value.baseAddress, UInt64(BPF_ANY))
            }
        }
        try BPFError.check("write map '\(name)'", result)
    }

    /// Deletes a key, if it is there.
    public func remove<Key: BitwiseCopyable>(_ key: Key) {
        _ = unsafe withUnsafeBytes(of: key) { key in unsafe bpf_map_delete_elem(descriptor, key.baseAddress) }
    }
}
