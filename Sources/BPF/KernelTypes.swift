internal import CLibbpf
internal import Glibc

/// What the running kernel's own BTF says it has.
///
/// Reading it takes tens of milliseconds: keep it.
@safe public final class KernelTypes {
    private let btf: OpaquePointer

    /// Reads the kernel's BTF.
    ///
    /// - Throws: ``BPFError`` with ENOENT when the kernel has none (CONFIG_DEBUG_INFO_BTF).
    public init() throws(BPFError) {
        LibbpfLog.start()
        guard let loaded = unsafe btf__load_vmlinux_btf() else {
            throw BPFError("read the kernel's BTF", result: -errno)
        }
        unsafe btf = loaded
    }

    deinit { unsafe btf__free(btf) }

    /// Which of these functions the kernel has.
    public func functions(among names: some Sequence<String>) -> Set<String> {
        find(names, kind: tattle_btf_kind_func, prefix: "")
    }

    /// Which of these tracepoints the kernel has.
    public func tracepoints(among names: some Sequence<String>) -> Set<String> {
        find(names, kind: tattle_btf_kind_typedef, prefix: "btf_trace_")
    }

    /// Which of these enumerations the kernel has.
    public func enumerations(among names: some Sequence<String>) -> Set<String> {
        find(names, kind: tattle_btf_kind_enum, prefix: "")
    }

    private func find(_ names: some Sequence<String>, kind: UInt32, prefix: String) -> Set<String> {
        // Owned by this object.
        Set(names.filter { unsafe btf__find_by_name_kind(btf, prefix + $0, kind) > 0 })
    }
}
