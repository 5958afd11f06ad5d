internal import Beacons
internal import Glibc

/// Tells when somebody last typed on a terminal of this machine.
///
/// The kernel sets a terminal's access time when what was typed is read, exact to eight seconds, and it is set when the terminal is opened
/// by a new session: drivers/tty/tty_io.c `tty_update_time`. Nothing of what is typed is seen. What is typed and pointed at in a graphical session
/// comes another way, of which no trace is left that could be read without reading the input itself: then it is not known.
struct TerminalInput {
    /// Where `dev`, `run` and `tmp` are: empty but in tests.
    var root = ""
    /// When the machine started, seconds since 1970.
    var bootSeconds: Int64

    /// What of a terminal's making is no use of it, seconds after the machine started.
    private static let startSeconds: Int64 = 60

    /// When somebody was last there, or why that is not known.
    var presence: UserPresence {
        if let trace = graphicalSession { return .unknown("a graphical session's input leaves no trace (\(trace))") }
        let times = terminals.compactMap { accessNanoseconds($0) }
        guard let last = times.max() else { return .unknown("no terminal is there to be looked at") }
        return last < (bootSeconds + Self.startSeconds) * 1_000_000_000 ? .never : .lastInput(nanoseconds: last)
    }

    /// Terminals by their paths: pseudo-terminals, consoles, serial lines.
    private var terminals: [String] {
        names("/dev/pts").filter { $0.allSatisfy(\.isNumber) }.map { "/dev/pts/\($0)" }
            + names("/dev").filter { name in
                ["tty", "hvc"].contains { name.hasPrefix($0) } && name.last?.isNumber == true
            }.map { "/dev/\($0)" }
    }

    /// What tells that somebody may be at a screen; nil: nothing does.
    private var graphicalSession: String? {
        for name in names("/run/systemd/sessions") where name.allSatisfy({ $0.isNumber || $0.isLetter }) {
            let lines = SystemContext.file("\(root)/run/systemd/sessions/\(name)")?.split(separator: "\n") ?? []
            if lines.contains(where: { ["TYPE=x11", "TYPE=wayland", "TYPE=mir"].contains($0) }) {
                return "session \(name)"
            }
        }
        if let socket = names("/tmp/.X11-unix").first(where: { $0.hasPrefix("X") }) {
            return "/tmp/.X11-unix/\(socket)"
        }
        for user in names("/run/user") {
            if let socket = names("/run/user/\(user)").first(where: { $0.hasPrefix("wayland-") }) {
                return "/run/user/\(user)/\(socket)"
            }
        }
        return nil
    }

    private func accessNanoseconds(_ path: String) -> Int64? {
        var status = stat()
        // Fills `status`.
        guard unsafe stat(root + path, &status) == 0 else { return nil }
        return Int64(status.st_atim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_atim.tv_nsec)
    }

    /// What is in a folder, but for what is hidden; nothing where there is none.
    private func names(_ folder: String) -> [String] {
        // The path is a NUL-terminated copy that lives through the call.
        guard let directory = unsafe opendir(root + folder) else { return [] }
        // The directory is closed once.
        defer { unsafe closedir(directory) }
        var names: [String] = []
        // An entry is valid until the next call.
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
