package import BPF
internal import Glibc

/// Where cgroup v2 is mounted: the tracepoint set attaches to its root.
package enum CgroupRoot {
    /// Opens the root of the cgroup v2 hierarchy; nil when it is not mounted.
    package static func open() -> Int32? {
        guard let path = mountPoint() else { return nil }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
    }

    /// Opens it.
    ///
    /// - Throws: ``BPFError`` with ENOENT when it is not mounted.
    package static func openOrExplain() throws(BPFError) -> Int32 {
        guard let opened = open() else {
            throw BPFError(missing: "open the root of cgroup v2: it is not mounted", code: ENOENT)
        }
        return opened
    }

    /// Whether what is mounted is the whole hierarchy, and not the part that a container has.
    ///
    /// Every cgroup but the first has a file `cgroup.type`: kernel/cgroup/cgroup.c CFTYPE_NOT_ON_ROOT.
    package static func isWhole(_ mountPoint: String) -> Bool {
        // Reads a path that ends in NUL.
        unsafe access("\(mountPoint)/cgroup.type", F_OK) != 0
    }

    /// The first mount of type cgroup2 in /proc/self/mounts, proc_pid_mounts(5).
    package static func mountPoint() -> String? {
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
