internal import CLinux
internal import Glibc
public import Model

/// What /proc knows of a process: for those that were there before tattle.
public struct ProcessFileSystem: Sendable {
    let root: String
    private let names: [[UInt8]]

    /// Reads below `root`, by default /proc.
    ///
    /// - Parameter variables: names of the environment variables that are wanted.
    public init(root: String = "/proc", variables: [String] = []) {
        self.root = root
        names = variables.map { Array("\($0)=".utf8) }
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

    /// Where it is told what the threads of a process have in common, below the root: in its own folder, or, where its first
    /// thread has ended, in that of one that lives.
    func folder(of pid: UInt32) -> String {
        // A string ends in NUL, for the call.
        let thread = unsafe tattle_living_thread(root, pid)
        return thread == pid ? "\(pid)" : "\(pid)/task/\(thread)"
    }

    /// The facts of one process; nil when it is gone.
    ///
    /// The start time is that of `stat` field 22, cut to clock ticks of 10 ms: proc_pid_stat(5). The script, if it is
    /// one, cannot be told from an argument here.
    public func facts(of pid: UInt32) -> ProcessFacts? {
        guard let stat = read("\(pid)/stat", limit: 1024), let fields = ProcessStat(stat) else {
            return nil
        }
        let status = ProcessStatus(read("\(pid)/status", limit: Self.statusLimit) ?? [])
        let isKernelThread = fields.flags & 0x0020_0000 != 0
        let folder = folder(of: pid)
        return ProcessFacts(
            identity: ProcessIdentity(
                pid: pid, startBootNanoseconds: fields.startTicks * ProcessIdentity.tickNanoseconds),
            parentIdentity: fields.parent == 0 ? nil : ProcessIdentity(pid: fields.parent, startBootNanoseconds: 0),
            program: program(at: folder, name: fields.name, isKernelThread: isKernelThread),
            surroundings: Surroundings(
                credentials: Credentials(
                    userID: status.numbers("Uid:").first, effectiveUserID: status.numbers("Uid:").dropFirst().first,
                    groupID: status.numbers("Gid:").first, effectiveGroupID: status.numbers("Gid:").dropFirst().first,
                    loginUserID: loginUser(of: pid), capabilities: status.mask("CapEff:")),
                namespaces: Namespaces(
                    network: namespace("net", at: folder), pid: namespace("pid", at: folder),
                    mount: namespace("mnt", at: folder), user: namespace("user", at: folder)),
                sessionLeader: fields.session == 0
                    ? nil
                    : SessionLeader(
                        identity: ProcessIdentity(pid: fields.session, startBootNanoseconds: 0), program: nil),
                terminal: fields.terminal),
            namespacePID: status.numbers("NSpid:").last ?? 0, isTraced: status.numbers("TracerPid:").first ?? 0 != 0,
            isKernelThread: isKernelThread, source: .procfs)
    }

    private func program(at folder: String, name: [UInt8], isKernelThread: Bool) -> Program {
        guard !isKernelThread else { return Program(name: ThreadName(name), path: []) }
        let arguments = read("\(folder)/cmdline", limit: Self.argumentLimit) ?? []
        // The others are read when they are asked for; how many there are is told.
        let argumentBytes = arguments.count < Self.argumentLimit ? arguments.count : length(of: "\(folder)/cmdline")
        let link = link("\(folder)/exe") ?? []
        let deleted = Array(" (deleted)".utf8)
        let isDeleted = link.suffix(deleted.count).elementsEqual(deleted)
        let memfd = Array("/memfd:".utf8)
        let isMemfd = link.starts(with: memfd)
        var marks: Program.Marks = []
        if isDeleted { marks.insert(.deleted) }
        if isMemfd { marks.insert(.memfd) }
        let path = isDeleted ? link.dropLast(deleted.count) : link[...]
        let (stamp, mode) = file("\(folder)/exe")
        let variables = (read("\(folder)/environ", limit: Self.environmentLimit) ?? [])
            .split(separator: 0).filter { variable in names.contains { variable.starts(with: $0) } }
        return Program(
            name: ThreadName(name), path: isMemfd ? path.dropFirst() : path, folder: self.link("\(folder)/cwd") ?? [],
            variables: variables.flatMap { $0 + [0] }, arguments: arguments,
            argumentsTotalBytes: max(argumentBytes, arguments.count), mode: mode, stamp: stamp, marks: marks)
    }

    /// What the file behind a link is; all zeros: it cannot be asked.
    private func file(_ path: String) -> (stamp: FileStamp, mode: UInt16) {
        var status = stat()
        // Fills `status`.
        guard unsafe stat("\(root)/\(path)", &status) == 0 else { return (FileStamp(), 0) }
        let nanoseconds: (timespec) -> Int64 = { Int64($0.tv_sec) &* 1_000_000_000 &+ Int64($0.tv_nsec) }
        return (
            FileStamp(
                device: FileStamp.kernelDevice(UInt64(status.st_dev)),
                inode: UInt64(status.st_ino), size: UInt64(clamping: status.st_size),
                modifiedNanoseconds: nanoseconds(status.st_mtim), changedNanoseconds: nanoseconds(status.st_ctim)),
            UInt16(truncatingIfNeeded: status.st_mode)
        )
    }

    /// The inode of a namespace; 0: not known.
    ///
    /// The link reads `net:[4026531840]`.
    func namespace(_ name: String, at folder: String) -> UInt32 {
        let text = String(decoding: link("\(folder)/ns/\(name)") ?? [], as: UTF8.self)
        return UInt32(text.drop { $0 != "[" }.dropFirst().dropLast()) ?? 0
    }

    static let environmentLimit = 128 << 10
    /// `Groups:`, some thousand of them in a large domain, stands before what is of use.
    static let statusLimit = 64 << 10
    static let argumentLimit = 4096

    private func loginUser(of pid: UInt32) -> UInt32? {
        let text = read("\(pid)/loginuid", limit: 16).map { String(decoding: $0, as: UTF8.self) }
        guard let user = text.flatMap({ UInt32($0) }), user != .max else { return nil }
        return user
    }

    /// Up to `limit` bytes of a file below the root; nil when it cannot be read.
    func read(_ path: String, limit: Int) -> [UInt8]? {
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

    /// How long a file below the root is, which may say itself that it is empty.
    private func length(of path: String) -> Int {
        let descriptor = unsafe open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var total = 0
        while true {
            // Writes at most chunk.count bytes.
            let got = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress!, $0.count) }
            if got <= 0 { return total }
            total += got
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
}
