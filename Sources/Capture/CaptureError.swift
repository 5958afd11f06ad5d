public import BPF

/// Why the kernel cannot be traced.
public enum CaptureError: Error, Sendable, CustomStringConvertible {
    /// No hook set works here: each with what it failed with.
    case noHookSet([(hookSet: HookSet, reason: String)])
    /// The kernel has no type information.
    case noKernelTypes
    /// Something failed after a hook set was chosen.
    case failed(BPFError)

    /// One line: what is missing and what can be done.
    public var description: String {
        switch self {
        case .noHookSet(let refused):
            "this kernel allows none of the hook sets: "
                + refused.map { "\($0.hookSet.rawValue): \($0.reason)" }.joined(separator: "; ")
                + (Lockdown.advice().map { "; \($0)" } ?? "")
        case .noKernelTypes:
            "this kernel has no BTF (/sys/kernel/btf/vmlinux): tattle needs Linux 5.10 or later with CONFIG_DEBUG_INFO_BTF"
        case .failed(let error):
            error.description
        }
    }
}
