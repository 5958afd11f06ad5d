internal import Glibc
public import Model

/// What /proc knows of the network, through a process.
extension ProcessFileSystem {
    /// The inode of the network namespace that a process is in; 0: it is gone, or may not be asked.
    public func networkNamespace(of pid: UInt32) -> UInt32 { namespace("net", at: folder(of: pid)) }

    /// The network namespaces of some processes, each with those in it, in the order given; the lowest number first.
    func networkNamespaces(of pids: [UInt32]) -> [(inode: UInt32, pids: [UInt32])] {
        var members: [UInt32: [UInt32]] = [:]
        for pid in pids {
            let inode = networkNamespace(of: pid)
            if inode != 0 { members[inode, default: []].append(pid) }
        }
        return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What the kernel counts in a network namespace, through the first of some processes that is still in it.
    ///
    /// - Returns: nil when none is.
    public func networkCounters(of namespace: UInt32, through pids: some Sequence<UInt32>) -> NetworkCounters? {
        for pid in pids where networkNamespace(of: pid) == namespace {
            let folder = folder(of: pid)
            guard let snmp = read("\(folder)/net/snmp", limit: Self.counterLimit) else { continue }
            let counters = NetworkCounters(
                snmp: snmp, snmp6: read("\(folder)/net/snmp6", limit: Self.counterLimit) ?? [],
                netstat: read("\(folder)/net/netstat", limit: Self.counterLimit) ?? [])
            // setns(2) between two of the files, or its end: then they are nobody's.
            if networkNamespace(of: pid) == namespace, counters.tcpActiveOpens != nil { return counters }
        }
        return nil
    }

    /// The path of the cgroup v2 that a process is in: the line `0::/…` of /proc/PID/cgroup, cgroups(7).
    func controlGroup(of pid: UInt32) -> [UInt8]? {
        let lines = (read("\(pid)/cgroup", limit: 16 << 10) ?? []).split(separator: UInt8(ascii: "\n"))
        let prefix = Array("0::".utf8)
        return lines.first { $0.starts(with: prefix) }.map { Array($0.dropFirst(prefix.count)) }
    }

    private static let counterLimit = 64 << 10

    /// Calls `body` with whole lines of a file, many at a time; false when it can't be opened or is empty.
    func lines(of path: String, _ body: (ArraySlice<UInt8>) -> Void) -> Bool {
        let descriptor = unsafe open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var rest = 0
        var isEmpty = true
        while rest < chunk.count {
            // Writes at most what is left of the buffer.
            let got = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress! + rest, $0.count - rest)
            }
            if got <= 0 { break }
            isEmpty = false
            let count = rest + got
            guard let end = chunk[..<count].lastIndex(of: UInt8(ascii: "\n")) else {
                rest = count
                continue
            }
            body(chunk[...end])
            chunk.replaceSubrange(0..<(count - end - 1), with: Array(chunk[(end + 1)..<count]))
            rest = count - end - 1
        }
        return !isEmpty
    }

    /// Calls `body` with the inode of each socket that a process holds, once for each descriptor.
    func sockets(of pid: UInt32, _ body: (UInt64) -> Void) {
        guard let directory = unsafe opendir("\(root)/\(folder(of: pid))/fd") else { return }
        defer { unsafe closedir(directory) }
        let folder = unsafe dirfd(directory)
        let prefix = Array("socket:[".utf8)
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry; readlinkat writes at most the capacity and no NUL.
            let target = unsafe [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
                let length = unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
                    unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                            unsafe readlinkat(folder, $0, buffer.baseAddress!, buffer.count)
                        }
                    }
                }
                count = max(0, length)
            }
            guard target.starts(with: prefix), target.last == UInt8(ascii: "]"),
                let inode = UInt64(String(decoding: target[prefix.count..<(target.count - 1)], as: UTF8.self))
            else { continue }
            body(inode)
        }
    }
}
