internal import Glibc

/// Where cgroup v2 is mounted: the tracepoint set attaches to its root.
enum CgroupRoot {
    /// Opens the root of the cgroup v2 hierarchy; nil when it is not mounted.
    static func open() -> Int32? {
        guard let path = mountPoint() else { return nil }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
    }

    /// The first mount of type cgroup2 in /proc/self/mounts, proc_pid_mounts(5).
    static func mountPoint() -> String? {
        guard let file = unsafe fopen("/proc/self/mounts", "re") else { return nil }
        defer { unsafe fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        // getline owns the buffer and makes it as large as the line.
        defer { unsafe free(line) }
        while unsafe getline(&line, &capacity, file) > 0, let text = unsafe line {
            let fields = unsafe String(cString: text).split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }
}
