internal import Glibc

/// A kretprobe that many calls at once may wait in.
///
/// One that perf_event_open(2) makes has instances for twice the CPUs, before Linux 5.15 for as many as there are CPUs: a
/// function that waits holds one, and whoever comes while none is left is not seen. tracefs makes them with as many as
/// it is told (Documentation/trace/kprobetrace.rst, MAXACTIVE). Such a probe is not gone with its process: it does
/// nothing then, and the next one that makes any takes it away.
struct ReturnProbe {
    /// How many calls may wait at once: KRETPROBE_MAXACTIVE_MAX of kernel/trace/trace_kprobe.c.
    ///
    /// Each takes less than 100 bytes of the kernel's memory.
    static let instances = 4096

    /// A part of each group's name, before the pid of its owner.
    private static let prefix = "tattle_"

    /// The events' group, which no other process has.
    let group: String
    /// The event's name in it.
    let name: String

    /// Makes one at the return of a kernel function; it does nothing yet.
    ///
    /// - Parameter name: an identifier, of which this process has no other probe.
    /// - Throws: ``BPFError`` with ENOENT: there is no tracefs, or no such function; EACCES where it may not be written.
    init(function: String, name: String) throws(BPFError) {
        group = "\(Self.prefix)\(getpid())"
        self.name = name
        _ = Self.leftBehindIsRemoved
        // Of an attempt of this process that failed, if any.
        remove()
        try Self.write("r\(Self.instances):\(group)/\(name) \(function)")
    }

    /// Takes it away; no program may be attached any more.
    ///
    /// Where that fails it does nothing, and the next process takes it away.
    func remove() { try? Self.write("-:\(group)/\(name)") }

    /// Takes away what processes left that were killed: once, before the first probe of this one.
    private static let leftBehindIsRemoved: Void = {
        guard let root = TraceFileSystem.root else { return }
        // One that is in use still, or went meanwhile, is the next process's to take away.
        for probe in leftBehind(in: text(of: "\(root)/kprobe_events")) { try? write("-:\(probe)") }
    }()

    /// The probes of processes that are no more, `GROUP/NAME` each.
    ///
    /// - Parameter list: kprobe_events, a probe a line, as in `r4096:tattle_12/on_send4 udp_sendmsg`.
    static func leftBehind(in list: String) -> [String] {
        list.split(separator: "\n").compactMap { line in
            guard let word = line.split(separator: " ").first, let colon = word.firstIndex(of: ":") else { return nil }
            let probe = word[word.index(after: colon)...]
            guard probe.hasPrefix(prefix), let slash = probe.firstIndex(of: "/"),
                let pid = pid_t(probe[probe.index(probe.startIndex, offsetBy: prefix.count)..<slash]), pid > 0
            else { return nil }
            // Asks whether it is there, and sends nothing.
            return kill(pid, 0) != 0 && errno == ESRCH ? String(probe) : nil
        }
    }

    private static func text(of path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while true {
                // Writes at most what there is room for.
                let count = unsafe read(file, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                unsafe bytes.append(contentsOf: buffer[..<count])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Hands the kernel one command.
    private static func write(_ command: String) throws(BPFError) {
        guard let root = TraceFileSystem.root else {
            throw BPFError(missing: "make a return probe: tracefs is not mounted", code: ENOENT)
        }
        // To append: a file that is cut loses everybody's probes.
        let file = unsafe open("\(root)/kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { throw BPFError(missing: "open \(root)/kprobe_events", code: errno) }
        defer { close(file) }
        let bytes = Array(command.utf8)
        guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw BPFError(missing: "make the probe '\(command)'", code: errno)
        }
    }
}
