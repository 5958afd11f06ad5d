internal import Glibc
public import Model

/// What /proc knows of a process: for those that were there before tattle.
public struct ProcessFileSystem: Sendable {
    private let root: String

    /// Reads below `root`, by default /proc.
    public init(root: String = "/proc") {
        self.root = root
    }

    /// The pids of all processes that are there now.
    public func pids() -> [UInt32] {
        guard let directory = unsafe opendir(root) else { return [] }
        defer { unsafe closedir(directory) }
        var pids: [UInt32] = []
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let pid = UInt32(name) { pids.append(pid) }
        }
        return pids
    }

    /// The facts of one process; nil when it is gone.
    ///
    /// The start time is that of `stat` field 22, cut to clock ticks of 10 ms: proc_pid_stat(5).
    public func facts(of pid: UInt32) -> ProcessFacts? {
        guard let stat = read("\(pid)/stat", limit: 1024), let fields = Self.parseStat(stat) else { return nil }
        let status = read("\(pid)/status", limit: 4096) ?? []
        let arguments = read("\(pid)/cmdline", limit: Self.argumentLimit + 1) ?? []
        let executable = link("\(pid)/exe")
        let deleted = Array(" (deleted)".utf8)
        let isDeleted = executable?.suffix(deleted.count).elementsEqual(deleted) ?? false
        let kept = arguments.prefix(Self.argumentLimit)
        return ProcessFacts(
            identity: ProcessIdentity(
                pid: pid, startBootNanoseconds: fields.startTicks * ProcessIdentity.tickNanoseconds),
            parentIdentity: fields.parent == 0 ? nil : ProcessIdentity(pid: fields.parent, startBootNanoseconds: 0),
            name: fields.name, executable: isDeleted ? executable.map { $0.dropLast(deleted.count) } : executable,
            isExecutableDeleted: isDeleted, arguments: Self.split(Array(kept)), argumentsTotalBytes: arguments.count,
            areArgumentsTruncated: arguments.count > kept.count, userID: Self.realID("Uid:", in: status),
            groupID: Self.realID("Gid:", in: status), loginUserID: loginUser(of: pid),
            isKernelThread: fields.flags & 0x0020_0000 != 0, source: .procfs)
    }

    static let argumentLimit = 4096

    private func loginUser(of pid: UInt32) -> UInt32? {
        let text = read("\(pid)/loginuid", limit: 16).map { String(decoding: $0, as: UTF8.self) }
        guard let user = text.flatMap({ UInt32($0) }), user != .max else { return nil }
        return user
    }

    /// Up to `limit` bytes of a file below the root; nil when it cannot be read.
    private func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            // The kernel writes at most what is left of the buffer.
            while count < limit {
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress! + count, limit - count)
                if got <= 0 { break }
                count += got
            }
        }
    }

    private func link(_ path: String) -> [UInt8]? {
        let target = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            // readlink writes at most the capacity and no NUL.
            let length = unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
                unsafe readlink("\(root)/\(path)", buffer.baseAddress!, buffer.count)
            }
            count = max(0, length)
        }
        return target.isEmpty ? nil : target
    }

    /// `pid (name) state ppid … flags … starttime`: the name may hold anything, so it ends at the last `)`.
    static func parseStat(_ bytes: [UInt8]) -> (name: [UInt8], parent: UInt32, flags: UInt32, startTicks: UInt64)? {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")),
            open < close
        else { return nil }
        let rest = bytes[(close + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        // Counted from `state`, field 3: ppid is field 4, flags 9, starttime 22.
        guard rest.count > 19, let parent = UInt32(rest[1]), let flags = UInt32(rest[6]), let start = UInt64(rest[19])
        else { return nil }
        return (Array(bytes[(open + 1)..<close]), parent, flags, start)
    }

    /// The first number after a name in `status`: the real id.
    static func realID(_ name: String, in status: [UInt8]) -> UInt32? {
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: name.utf8) {
            let values = line.dropFirst(name.utf8.count).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            return values.first.flatMap { UInt32(String(decoding: $0, as: UTF8.self)) }
        }
        return nil
    }

    static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        guard !bytes.isEmpty else { return [] }
        let whole = bytes.last == 0 ? bytes.dropLast() : bytes[...]
        return whole.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    }
}
