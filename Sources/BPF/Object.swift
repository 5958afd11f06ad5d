internal import CLibbpf
internal import Glibc

/// A BPF object: opened, configured, loaded, attached.
///
/// Detaches everything when it goes.
///
/// Lives on one thread at a time. Programs detach with their links, also when the process is killed,
/// because every link is a file descriptor of this process.
@safe public final class Object {
    private let pointer: OpaquePointer
    private var links: [OpaquePointer] = unsafe []
    private var probes: [ReturnProbe] = []

    /// Opens an object file held in memory.
    ///
    /// - Parameters:
    ///   - bytes: the ELF file; must stay in place as long as the object.
    ///   - name: shown by bpftool; at most 15 characters count.
    /// - Throws: ``BPFError`` when it is no BPF object.
    public init(bytes: UnsafeRawBufferPointer, name: String) throws(BPFError) {
        LibbpfLog.start()
        var options = unsafe bpf_object_open_opts()
        unsafe options.sz = tattle_object_options_size
        let result = unsafe name.withCString { name in
            unsafe options.object_name = name
            return unsafe bpf_object__open_mem(bytes.baseAddress, bytes.count, &options)
        }
        guard let opened = unsafe result else { throw BPFError("open BPF object '\(name)'", result: -errno) }
        unsafe pointer = opened
    }

    deinit {
        detach()
        unsafe bpf_object__close(pointer)
    }

    /// The names of all programs in the object.
    public var programs: [String] {
        var names: [String] = []
        var program = unsafe bpf_object__next_program(pointer, nil)
        while let current = unsafe program {
            unsafe names.append(String(cString: bpf_program__name(current)))
            unsafe program = bpf_object__next_program(pointer, current)
        }
        return names
    }

    private func program(_ name: String) throws(BPFError) -> OpaquePointer {
        guard let program = unsafe bpf_object__find_program_by_name(pointer, name) else {
            throw BPFError("find program '\(name)'", result: -ENOENT)
        }
        return unsafe program
    }

    /// The section that a program is in, as in "fexit/tcp_connect".
    ///
    /// A raw tracepoint's is "raw_tp/…" also when its program gets arguments whose types the verifier knows ("tp_btf/…"):
    /// the kernel makes no difference between their links.
    public func section(ofProgram name: String) throws(BPFError) -> String {
        let program = unsafe try program(name)
        let section = unsafe String(cString: bpf_program__section_name(program))
        let typed = "tp_btf/"
        return section.hasPrefix(typed) ? "raw_tp/" + section.dropFirst(typed.count) : section
    }

    /// Leaves a program out of what ``load()`` loads.
    ///
    /// Before loading only.
    public func omit(program name: String) throws(BPFError) {
        let program = unsafe try program(name)
        try BPFError.check("omit program '\(name)'", unsafe bpf_program__set_autoload(program, false))
    }

    /// Sets how many entries, or for a ring buffer bytes, a map holds.
    ///
    /// Before loading only.
    public func setCapacity(ofMap name: String, to entries: UInt32) throws(BPFError) {
        let map = unsafe try find(map: name)
        try BPFError.check("size map '\(name)'", unsafe bpf_map__set_max_entries(map, entries))
    }

    /// Sets a `const volatile` variable of the programs.
    ///
    /// Before loading only.
    ///
    /// - Throws: ``BPFError`` with ENOENT when there is no variable of that name and size.
    public func setConstant<Value: BitwiseCopyable>(_ name: String, to value: Value) throws(BPFError) {
        guard let map = unsafe bpf_object__find_map_by_name(pointer, ".rodata") else {
            throw BPFError("find read-only data", result: -ENOENT)
        }
        var size = 0
        guard let data = unsafe bpf_map__initial_value(map, &size),
            let range = offset(ofVariable: name), range.count == MemoryLayout<Value>.size, range.upperBound <= size
        else { throw BPFError("set constant '\(name)'", result: -ENOENT) }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer { unsafe copy.deallocate() }
        // `data` has `size` bytes; the range of the variable lies within them by the guard above.
        unsafe copy.copyMemory(from: UnsafeRawBufferPointer(start: data, count: size))
        unsafe copy.storeBytes(of: value, toByteOffset: range.lowerBound, as: Value.self)
        try BPFError.check("set constant '\(name)'", unsafe bpf_map__set_initial_value(map, copy.baseAddress, size))
    }

    /// Calls `body` with the object's own type information; nil when it has none.
    func withBTF<Result>(_ body: (OpaquePointer) -> Result?) -> Result? {
        // Owned by the object, which outlives the call.
        guard let btf = unsafe bpf_object__btf(pointer) else { return nil }
        return unsafe body(btf)
    }

    /// Sets a variable of the programs, which see it at once.
    ///
    /// After loading only. The corresponding C function is `mmap`.
    ///
    /// - Throws: ``BPFError``: ENOENT when there is no variable of that name and size that begins as 0, EPERM when its map
    ///   cannot be mapped.
    public func setVariable<Value: BitwiseCopyable>(_ name: String, to value: Value) throws(BPFError) {
        guard let map = unsafe bpf_object__find_map_by_name(pointer, ".bss"),
            let range = offset(ofVariable: name, in: ".bss"), range.count == MemoryLayout<Value>.size,
            range.upperBound <= Int(unsafe bpf_map__value_size(map))
        else { throw BPFError("set variable '\(name)'", result: -ENOENT) }
        let memory = try MapMemory(
            descriptor: unsafe bpf_map__fd(map), protection: PROT_READ | PROT_WRITE, length: range.upperBound,
            for: "set variable '\(name)'")
        withExtendedLifetime(memory) {
            // Within what was mapped.
            unsafe memory.start.storeBytes(of: value, toByteOffset: range.lowerBound, as: Value.self)
        }
    }

    /// Where BTF says that a variable stands.
    private func offset(ofVariable name: String, in section: String = ".rodata") -> Range<Int>? {
        guard let btf = unsafe bpf_object__btf(pointer) else { return nil }
        let section = unsafe btf__find_by_name_kind(btf, section, tattle_btf_kind_datasec)
        guard section > 0, let type = unsafe btf__type_by_id(btf, UInt32(section)) else { return nil }
        let count = unsafe Int(type.pointee.info & 0xffff)
        // The variables follow the section's header in place: linux/btf.h.
        let variables = unsafe UnsafeRawPointer(type + 1).assumingMemoryBound(to: btf_var_secinfo.self)
        for index in 0..<count {
            let variable = unsafe variables[index]
            guard let described = unsafe btf__type_by_id(btf, variable.type) else { continue }
            if unsafe String(cString: btf__name_by_offset(btf, described.pointee.name_off)) == name {
                return Int(variable.offset)..<Int(variable.offset + variable.size)
            }
        }
        return nil
    }

    /// Verifies and loads every program that was not omitted, and makes the maps.
    ///
    /// - Throws: ``BPFError``: EPERM when the kernel forbids the kind of program, EINVAL or EACCES when
    ///   the verifier refused one, ENOENT or ESRCH when a function to hook is missing.
    public func load() throws(BPFError) {
        _ = LibbpfLog.take()
        try BPFError.check("load BPF programs", unsafe bpf_object__load(pointer))
    }

    /// Attaches one program where its section says.
    public func attach(program name: String) throws(BPFError) {
        let program = unsafe try program(name)
        _ = LibbpfLog.take()
        guard let link = unsafe bpf_program__attach(program) else {
            throw BPFError("attach program '\(name)'", result: -errno)
        }
        unsafe links.append(link)
    }

    /// Attaches a kretprobe's program to a function that waits: up to 4,096 calls of it at once are seen.
    ///
    /// - Throws: ``BPFError``: ENOENT without tracefs, EACCES where it may not be written.
    public func attach(program name: String, toReturnsOf function: String) throws(BPFError) {
        let program = unsafe try program(name)
        let probe = try ReturnProbe(function: function, name: name)
        probes.append(probe)
        _ = LibbpfLog.take()
        guard let link = unsafe bpf_program__attach_tracepoint(program, probe.group, probe.name) else {
            throw BPFError("attach program '\(name)' to the returns of \(function)()", result: -errno)
        }
        unsafe links.append(link)
    }

    /// Attaches one program to a cgroup and all below it, beside what is attached there.
    public func attach(program name: String, toCgroup descriptor: Int32) throws(BPFError) {
        let program = unsafe try program(name)
        _ = LibbpfLog.take()
        guard let link = unsafe bpf_program__attach_cgroup(program, descriptor) else {
            throw BPFError("attach program '\(name)' to the cgroup", result: -errno)
        }
        unsafe links.append(link)
    }

    /// Detaches every program, the newest first.
    ///
    /// What is in the maps stays readable.
    public func detach() {
        while let link = unsafe links.popLast() { unsafe _ = bpf_link__destroy(link) }
        while let probe = probes.popLast() { probe.remove() }
    }

    /// The descriptors of programs, for ``recursionMisses(of:)``.
    ///
    /// - Parameter isWanted: whether a program, by its name, is among them.
    public func programDescriptors(where isWanted: (String) -> Bool) -> [Int32] {
        var descriptors: [Int32] = []
        var program = unsafe bpf_object__next_program(pointer, nil)
        while let current = unsafe program {
            let descriptor = unsafe bpf_program__fd(current)
            if descriptor >= 0, unsafe isWanted(String(cString: bpf_program__name(current))) {
                descriptors.append(descriptor)
            }
            unsafe program = bpf_object__next_program(pointer, current)
        }
        return descriptors
    }

    /// How often the kernel skipped programs because they already ran on that CPU.
    ///
    /// `bpf_prog_info.recursion_misses`, kernel 5.12 and later; 0 before. A system call for each of them.
    public static func recursionMisses(of descriptors: [Int32]) -> UInt64 {
        var total: UInt64 = 0
        for descriptor in descriptors {
            var info = bpf_prog_info()
            var size = UInt32(MemoryLayout<bpf_prog_info>.size)
            // Fills `info` as far as the kernel knows it.
            if unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 { total += info.recursion_misses }
        }
        return total
    }

    private func find(map name: String) throws(BPFError) -> OpaquePointer {
        guard let map = unsafe bpf_object__find_map_by_name(pointer, name) else {
            throw BPFError("find map '\(name)'", result: -ENOENT)
        }
        return unsafe map
    }

    /// A map of a loaded object.
    public func map(_ name: String) throws(BPFError) -> Map {
        let map = unsafe try find(map: name)
        return unsafe Map(
            name: name, descriptor: bpf_map__fd(map), valueSize: Int(bpf_map__value_size(map)),
            maximumEntries: Int(bpf_map__max_entries(map)))
    }
}
