internal import Glibc
internal import Model

/// Facts of this machine and this boot.
enum SystemContext {
    /// CLOCK_BOOTTIME, nanoseconds.
    static func bootNanoseconds() -> UInt64 { read(CLOCK_BOOTTIME) }

    /// CLOCK_REALTIME, nanoseconds since 1970.
    static func unixNanoseconds() -> UInt64 { read(CLOCK_REALTIME) }

    /// CLOCK_REALTIME − CLOCK_BOOTTIME, nanoseconds: read between two readings, so that being interrupted shows.
    static func realtimeOffset() -> Int64 {
        var best: (width: UInt64, offset: Int64) = (.max, 0)
        for _ in 0..<3 {
            let before = read(CLOCK_BOOTTIME)
            let real = read(CLOCK_REALTIME)
            let after = read(CLOCK_BOOTTIME)
            let width = after &- before
            if width < best.width { best = (width, Int64(bitPattern: real &- before &- width / 2)) }
        }
        return best.offset
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Both clocks exist since 2.6.39.
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// How far local time is ahead of UTC now, seconds.
    static func utcOffset() -> Int32 {
        var now = time(nil)
        var local = unsafe tm()
        // Fills `local`; thread-safe.
        guard unsafe localtime_r(&now, &local) != nil else { return 0 }
        return Int32(unsafe local.tm_gmtoff)
    }

    /// What is the same in every record of a run.
    static func runContext(hookSet: String, version: String) -> RunContext {
        var name = utsname()
        unsafe uname(&name)
        // Each field of utsname is a NUL-terminated array.
        let release = unsafe withUnsafeBytes(of: name.release) { unsafe text($0) }
        let host = unsafe withUnsafeBytes(of: name.nodename) { unsafe text($0) }
        let machine = unsafe withUnsafeBytes(of: name.machine) { unsafe text($0) }
        var random = SystemRandomNumberGenerator()
        let run = random.next() as UInt64
        return RunContext(
            machineID: file("/etc/machine-id"), hostName: host, kernelRelease: release, architecture: machine,
            operatingSystem: prettyName(), bootID: file("/proc/sys/kernel/random/boot_id") ?? "unknown",
            version: version, runID: String(run, radix: 16), hookSet: hookSet)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// A small file without its last newline; nil when it cannot be read or is empty.
    static func file(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            // Writes at most chunk.count bytes.
            let got = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress!, $0.count) }
            if got <= 0 { break }
            content += chunk.prefix(got)
        }
        let text = String(decoding: content, as: UTF8.self)
        let trimmed = text.last == "\n" ? String(text.dropLast()) : text
        return trimmed.isEmpty ? nil : trimmed
    }

    /// CPU time of this thread so far, nanoseconds: CLOCK_THREAD_CPUTIME_ID.
    static func threadNanoseconds() -> UInt64 {
        var time = timespec()
        // Fills `time`.
        guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// CPU time of this process so far, user and system, nanoseconds: getrusage(2).
    static func cpuNanoseconds() -> UInt64 {
        var usage = rusage()
        // Fills `usage`.
        guard unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 &+ UInt64($1.tv_sec) &* 1_000_000_000 &+ UInt64($1.tv_usec) &* 1000
        }
    }

    /// Memory of this process that is in use, bytes: proc_pid_statm(5).
    static func residentBytes() -> UInt64 {
        let pages = file("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
        return (pages ?? 0) &* UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The inode that a path leads to; 0: none.
    static func inode(of path: String) -> UInt32 {
        var status = stat()
        // Fills `status`.
        guard unsafe stat(path, &status) == 0 else { return 0 }
        return UInt32(truncatingIfNeeded: status.st_ino)
    }

    /// PRETTY_NAME of os-release(5).
    private static func prettyName() -> String? {
        let release = file("/etc/os-release") ?? file("/usr/lib/os-release")
        let line = release?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }) }
    }
}
