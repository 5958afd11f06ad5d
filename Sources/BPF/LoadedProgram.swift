internal import CLibbpf
internal import Glibc

/// A BPF program that is in the kernel, whoever loaded it.
public struct LoadedProgram: Hashable, Sendable {
    /// The kernel's number for it.
    public var id: UInt32
    /// The name its owner gave it, at most 15 characters; may be empty.
    public var name: String
    /// Its kind as libbpf calls it, as in "kprobe", "tracing", "cgroup_sock_addr".
    public var type: String
    /// Where it is attached, in the manner of section names, as in "fexit/tcp_connect"; empty: the kernel does not say.
    ///
    /// A kprobe tells its function since Linux 6.6, and only when it was attached by a link.
    public var hooks: [String]

    /// Makes a program.
    public init(id: UInt32, name: String, type: String, hooks: [String]) {
        self.id = id
        self.name = name
        self.type = type
        self.hooks = hooks
    }

    /// Every program in the kernel.
    ///
    /// The corresponding C functions are `bpf_prog_get_next_id` and `bpf_link_get_next_id`.
    ///
    /// - Parameters:
    ///   - types: the kernel's, for the names of functions.
    ///   - cgroup: an open cgroup, whose own programs say so as well, however they were attached; nil: none.
    /// - Throws: ``BPFError`` with EPERM: that takes CAP_SYS_ADMIN.
    public static func all(types: KernelTypes, cgroup: Int32?) throws(BPFError) -> [LoadedProgram] {
        var programs: [LoadedProgram] = []
        var id: UInt32 = 0
        while true {
            let result = unsafe bpf_prog_get_next_id(id, &id)
            if result == -ENOENT { break }
            try BPFError.check("list the kernel's BPF programs", result)
            if let program = describe(id, types) { programs.append(program) }
        }
        let links = LoadedLink.all(types: types)
        let attached = cgroup.map(cgroupPrograms(of:)) ?? []
        for index in programs.indices {
            let id = programs[index].id
            let hooks =
                links.filter { $0.program == id }.compactMap(\.hook) + attached.filter { $0.id == id }.map(\.hook)
            for hook in hooks where !programs[index].hooks.contains(hook) { programs[index].hooks.append(hook) }
        }
        return programs
    }

    /// One program; nil when it went meanwhile.
    private static func describe(_ id: UInt32, _ types: KernelTypes) -> LoadedProgram? {
        let descriptor = bpf_prog_get_fd_by_id(id)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        // Fills `info` as far as the kernel knows it.
        guard unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 else { return nil }
        let name = unsafe withUnsafeBytes(of: info.name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        // A string of libbpf's own, or NULL for a kind that it does not know.
        let type = unsafe libbpf_bpf_prog_type_str(bpf_prog_type(info.type)).map { unsafe String(cString: $0) }
        return LoadedProgram(id: id, name: name, type: type ?? "type \(info.type)", hooks: [])
    }

    /// The hooks of a cgroup that tattle uses too.
    private static let cgroupHooks: [(type: bpf_attach_type, hook: String)] = [
        (BPF_CGROUP_INET4_CONNECT, "cgroup/connect4"), (BPF_CGROUP_INET6_CONNECT, "cgroup/connect6"),
        (BPF_CGROUP_UDP4_SENDMSG, "cgroup/sendmsg4"), (BPF_CGROUP_UDP6_SENDMSG, "cgroup/sendmsg6"),
        (BPF_CGROUP_INET_SOCK_RELEASE, "cgroup/sock_release"),
    ]

    /// What a cgroup hook is called in a section's name; nil: it is none of those above.
    static func cgroupHook(_ type: UInt32) -> String? { cgroupHooks.first { $0.type.rawValue == type }?.hook }

    /// The programs of one cgroup, as bpf_prog_query(2) tells them: also those that were attached without a link.
    private static func cgroupPrograms(of cgroup: Int32) -> [(id: UInt32, hook: String)] {
        var found: [(id: UInt32, hook: String)] = []
        for (type, hook) in cgroupHooks {
            // BPF_CGROUP_MAX_PROGS of linux/bpf-cgroup-defs.h.
            var ids = [UInt32](repeating: 0, count: 64)
            var count = UInt32(ids.count)
            var flags: UInt32 = 0
            // Writes at most `count` numbers.
            guard unsafe bpf_prog_query(cgroup, type, 0, &flags, &ids, &count) == 0 else { continue }
            found += ids.prefix(Int(count)).map { ($0, hook) }
        }
        return found
    }
}
