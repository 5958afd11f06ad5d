internal import CLibbpf

/// What the running kernel's own BTF says it has.
public enum KernelTypes {
    /// Whether the kernel has BTF at all (CONFIG_DEBUG_INFO_BTF).
    public static var isAvailable: Bool {
        LibbpfLog.start()
        guard let btf = unsafe btf__load_vmlinux_btf() else { return false }
        unsafe btf__free(btf)
        return true
    }

    /// Which of these functions the kernel has.
    public static func functions(among names: some Sequence<String>) -> Set<String> {
        find(names, kind: tattle_btf_kind_func, prefix: "")
    }

    /// Which of these tracepoints the kernel has.
    public static func tracepoints(among names: some Sequence<String>) -> Set<String> {
        find(names, kind: tattle_btf_kind_typedef, prefix: "btf_trace_")
    }

    private static func find(_ names: some Sequence<String>, kind: UInt32, prefix: String) -> Set<String> {
        LibbpfLog.start()
        guard let btf = unsafe btf__load_vmlinux_btf() else { return [] }
        defer { unsafe btf__free(btf) }
        return Set(names.filter { unsafe btf__find_by_name_kind(btf, prefix + $0, kind) > 0 })
    }
}
