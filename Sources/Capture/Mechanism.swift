package import BPF
internal import CProbes
internal import Glibc

/// A way for a program into the kernel; a hook set uses several.
package enum Mechanism: String, CaseIterable, Sendable {
    case fentry = "on_try_fentry"
    case fexit = "on_try_fexit"
    case kprobe = "on_try_kprobe"
    case kretprobe = "on_try_kretprobe"
    case rawTracepoint = "on_try_raw_tracepoint"
    case tracepoint = "on_try_tracepoint"
    case cgroupConnect4 = "on_try_cgroup_connect4"
    case cgroupConnect6 = "on_try_cgroup_connect6"
    case cgroupSendmsg4 = "on_try_cgroup_sendmsg4"
    case cgroupSendmsg6 = "on_try_cgroup_sendmsg6"
    case cgroupSockRelease = "on_try_cgroup_sock_release"

    /// The sections whose programs come in this way, by how they begin.
    package var section: String {
        switch self {
        case .fentry: "fentry/"
        case .fexit: "fexit/"
        case .kprobe: "kprobe/"
        case .kretprobe: "kretprobe/"
        case .rawTracepoint: "raw_tp/"
        case .tracepoint: "tp/"
        case .cgroupConnect4: "cgroup/connect4"
        case .cgroupConnect6: "cgroup/connect6"
        case .cgroupSendmsg4: "cgroup/sendmsg4"
        case .cgroupSendmsg6: "cgroup/sendmsg6"
        case .cgroupSockRelease: "cgroup/sock_release"
        }
    }

    private var isCgroup: Bool { section.hasPrefix("cgroup/") }

    /// Loads a program that does nothing, attaches it and takes it away again.
    ///
    /// - Throws: ``BPFError``: EPERM or EACCES where it is forbidden, ENOENT where the kernel lacks it.
    package func attempt() throws(BPFError) {
        if self == .kprobe || self == .kretprobe { try KprobeEvents.check() }
        let embedded = unsafe tattle_mechanisms_object()
        // Static data of this binary.
        let bytes = unsafe UnsafeRawBufferPointer(start: embedded.bytes, count: embedded.length)
        let object = unsafe try Object(bytes: bytes, name: "tattle_try")
        for program in object.programs where program != rawValue { try object.omit(program: program) }
        try object.load()
        guard isCgroup else { return try object.attach(program: rawValue) }
        let cgroup = try CgroupRoot.openOrExplain()
        defer { close(cgroup) }
        try object.attach(program: rawValue, toCgroup: cgroup)
    }
}

/// The kernel's interface for kprobes: perf_event_open(2) with a type of its own.
enum KprobeEvents {
    /// - Throws: ``BPFError`` with ENOENT when the kernel has none: attaching would fail, after the work of verifying.
    static func check() throws(BPFError) {
        // Reads a path that ends in NUL.
        guard unsafe access("/sys/bus/event_source/devices/kprobe", F_OK) != 0 else { return }
        throw BPFError(missing: "attach kprobes: the kernel was built without CONFIG_KPROBE_EVENTS", code: ENOENT)
    }
}
