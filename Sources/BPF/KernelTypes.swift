internal import CLibbpf
internal import Glibc

/// What the running kernel's own BTF says it has.
///
/// Reading it takes tens of milliseconds: keep it.
@safe public final class KernelTypes {
    let btf: OpaquePointer
    /// Those of the loaded modules, read when the kernel itself lacks something.
    private(set) lazy var modules: [OpaquePointer] = unsafe loadModules()
    private var hasModules = false

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

    deinit {
        // A module's types refer to the kernel's: they go first.
        if hasModules { unsafe modules.forEach { module in unsafe btf__free(module) } }
        unsafe btf__free(btf)
    }

    /// The BTF of every loaded module that has some: the other files in /sys/kernel/btf.
    private func loadModules() -> [OpaquePointer] {
        hasModules = true
        guard let directory = unsafe opendir("/sys/kernel/btf") else { return unsafe [] }
        defer { unsafe closedir(directory) }
        var loaded: [OpaquePointer] = unsafe []
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), name != "vmlinux" else { continue }
            // Owned by this object from here on.
            if let module = unsafe btf__load_module_btf(name, btf) { unsafe loaded.append(module) }
        }
        return unsafe loaded
    }

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
