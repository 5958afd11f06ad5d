internal import CLibbpf
internal import Glibc

/// What attaches a program: a BPF link that is in the kernel.
struct LoadedLink {
    /// The program's number.
    var program: UInt32
    /// Where it is attached, in the manner of section names; nil: the kernel does not say.
    var hook: String?

    /// Every link in the kernel; none where it may not be asked, or has none (before 5.8).
    ///
    /// The corresponding C function is `bpf_link_get_next_id`.
    static func all(types: KernelTypes) -> [LoadedLink] {
        var links: [LoadedLink] = []
        var id: UInt32 = 0
        while unsafe bpf_link_get_next_id(id, &id) == 0 {
            let descriptor = bpf_link_get_fd_by_id(id)
            // It went meanwhile.
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            if let link = describe(descriptor, types) { links.append(link) }
        }
        return links
    }

    /// The longest name of a function or tracepoint: KSYM_NAME_LEN of linux/kallsyms.h.
    private static let nameCapacity = 512

    /// Asks twice: names are written to where the question says, and what kind of link it is must be known for that.
    private static func describe(_ descriptor: Int32, _ types: KernelTypes) -> LoadedLink? {
        var info = bpf_link_info()
        guard ask(descriptor, &info) else { return nil }
        let program = info.prog_id
        let type = bpf_link_type(info.type)
        switch type {
        case BPF_LINK_TYPE_TRACING:
            let (kind, object, function) = (
                info.tracing.attach_type, info.tracing.target_obj_id, info.tracing.target_btf_id
            )
            let name = isKernel(object) ? types.name(ofType: function) : nil
            return LoadedLink(program: program, hook: name.map { "\(tracing(kind))/\($0)" })
        case BPF_LINK_TYPE_CGROUP:
            let kind = info.cgroup.attach_type
            // A string of libbpf's own, or NULL.
            let other = unsafe libbpf_bpf_attach_type_str(bpf_attach_type(kind)).map { unsafe String(cString: $0) }
            return LoadedLink(program: program, hook: LoadedProgram.cgroupHook(kind) ?? other)
        case BPF_LINK_TYPE_RAW_TRACEPOINT:
            let name = name { address, capacity in
                var info = bpf_link_info()
                info.raw_tracepoint.tp_name = address
                info.raw_tracepoint.tp_name_len = capacity
                return ask(descriptor, &info)
            }
            return LoadedLink(program: program, hook: name.map { "raw_tp/\($0)" })
        case BPF_LINK_TYPE_PERF_EVENT:
            return LoadedLink(program: program, hook: perfEvent(descriptor))
        default:
            return LoadedLink(program: program, hook: nil)
        }
    }

    private static func ask(_ descriptor: Int32, _ info: inout bpf_link_info) -> Bool {
        var size = UInt32(MemoryLayout<bpf_link_info>.size)
        // Fills `info`; a name in it is written to where it points, as long as it says.
        return unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0
    }

    /// Room for a name at an address, and what was written there; nil: nothing was.
    private static func name(_ body: (_ address: UInt64, _ capacity: UInt32) -> Bool) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: nameCapacity) { buffer in
            unsafe buffer.initialize(repeating: 0)
            // The kernel writes at most the capacity, NUL included, before the call returns.
            let address = UInt64(UInt(bitPattern: buffer.baseAddress!))
            guard body(address, UInt32(buffer.count)) else { return nil }
            let text = unsafe String(cString: buffer.baseAddress!)
            return text.isEmpty ? nil : text
        }
    }

    /// Where a kprobe or tracepoint of perf's is; nil before Linux 6.6, which do not say.
    private static func perfEvent(_ descriptor: Int32) -> String? {
        var kind: UInt32 = 0
        let name = name { address, capacity in
            var info = bpf_link_info()
            var size = UInt32(MemoryLayout<bpf_link_info>.size)
            return unsafe withUnsafeMutableBytes(of: &info) { bytes in
                // The union follows three 32-bit numbers, at a multiple of eight: linux/bpf.h.
                let event = unsafe (bytes.baseAddress! + 16).assumingMemoryBound(to: tattle_perf_event_link.self)
                unsafe event.pointee.name = address
                unsafe event.pointee.name_length = capacity
                guard unsafe bpf_obj_get_info_by_fd(descriptor, bytes.baseAddress!, &size) == 0 else { return false }
                kind = unsafe event.pointee.type
                return true
            }
        }
        guard let name else { return nil }
        switch kind {
        case tattle_perf_event_kprobe: return "kprobe/\(name)"
        case tattle_perf_event_kretprobe: return "kretprobe/\(name)"
        case tattle_perf_event_tracepoint: return "tp/\(name)"
        default: return nil
        }
    }

    private static func tracing(_ kind: UInt32) -> String {
        switch bpf_attach_type(kind) {
        case BPF_TRACE_FENTRY: "fentry"
        case BPF_TRACE_FEXIT: "fexit"
        case BPF_MODIFY_RETURN: "fmod_ret"
        case BPF_LSM_MAC: "lsm"
        case BPF_TRACE_RAW_TP: "tp_btf"
        default: "tracing"
        }
    }

    /// Whether a BTF object is the kernel's own, whose type numbers ``KernelTypes`` knows.
    private static func isKernel(_ id: UInt32) -> Bool {
        let descriptor = bpf_btf_get_fd_by_id(id)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            unsafe buffer.initialize(repeating: 0)
            var info = bpf_btf_info()
            info.name = UInt64(UInt(bitPattern: buffer.baseAddress!))
            // One less than there is: the text ends in NUL whatever is written.
            info.name_len = UInt32(buffer.count - 1)
            var size = UInt32(MemoryLayout<bpf_btf_info>.size)
            guard unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 else { return false }
            return unsafe String(cString: buffer.baseAddress!) == "vmlinux"
        }
    }
}

extension KernelTypes {
    /// The name of a type of the kernel itself; nil: it has none, or there is no such type.
    func name(ofType id: UInt32) -> String? {
        // The name is owned by the BTF and copied.
        guard let type = unsafe btf__type_by_id(btf, id),
            let name = unsafe btf__name_by_offset(btf, type.pointee.name_off)
        else { return nil }
        // Of a raw tracepoint's type.
        let text = unsafe String(cString: name)
        let prefix = "btf_trace_"
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
}
