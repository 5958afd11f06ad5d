internal import Glibc
internal import Model

/// Finds the very file that a process runs or ran, and never another one.
///
/// What /proc/PID/exe opens is the file itself, whatever has become of its path. Where the process is gone or
/// executes another program, the path is tried, and believed only when inode, size, mtime and ctime are those of then.
struct ExecutableSearch {
    private let stamp: FileStamp
    private let path: [UInt8]
    private let processFileSystem: String

    /// Makes one for a file that processes ran, reading below `processFileSystem`.
    init(stamp: FileStamp, path: [UInt8], processFileSystem: String = "/proc") {
        self.stamp = stamp
        self.path = path
        self.processFileSystem = processFileSystem
    }

    /// The file, open for reading and verified, and its stamp now.
    struct Found {
        let file: OpenFile
        let stamp: FileStamp
        /// Whether another content, from when it was opened on, would have another stamp.
        let isSettled: Bool

        init(file: OpenFile, stamp: FileStamp) {
            self.file = file
            self.stamp = stamp
            isSettled = stamp.isSettled
        }
    }

    /// Tries the processes, then the path as each of them sees it, then the path as it is here.
    func find(_ processes: [FileRequest]) -> Result<Found, HashFailure> {
        var failure = HashFailure.gone
        func note(_ other: HashFailure) {
            if failure == .gone || other == .changed { failure = other }
        }
        for process in processes where process.pid > 0 {
            switch openProgram(of: process) {
            case .success(let found): return .success(found)
            case .failure(let other): note(other)
            }
        }
        guard stamp.isComplete, path.first == UInt8(ascii: "/") else { return .failure(failure) }
        let roots = processes.filter { $0.pid > 0 }.map { Array("\(processFileSystem)/\($0.pid)/root".utf8) }
        for root in roots + [[]] {
            switch openPath(root + path) {
            case .success(let found): return .success(found)
            case .failure(let other): note(other)
            }
        }
        return .failure(failure)
    }

    /// What the process runs now, if that is the file.
    private func openProgram(of process: FileRequest) -> Result<Found, HashFailure> {
        do throws(CallError) {
            let file = try OpenFile(
                "\(ProcessFolder.path(of: process.pid, in: processFileSystem))/exe", flags: O_RDONLY)
            let status = try file.status()
            let now = FileStamp(status)
            switch stamp.comparison(with: now, isOfProcess: true) {
            case .same: break
            case .changed: return .failure(.changed)
            case .other: return .failure(.gone)
            }
            // Any program will do where no stamp says which: so it has to be the process at least.
            guard stamp.isComplete || isSameProcess(process) else { return .failure(.gone) }
            return Self.isRegular(status) ? .success(Found(file: file, stamp: now)) : .failure(.notRegular)
        } catch {
            return .failure(Self.failure(error))
        }
    }

    /// The file at a path, if that is the file.
    private func openPath(_ path: [UInt8]) -> Result<Found, HashFailure> {
        do throws(CallError) {
            // Only looked at until it is known: to open a device or a FIFO would do something to it.
            let place = try OpenFile(path, flags: OpenFile.place | O_NOFOLLOW)
            let status = try place.status()
            let now = FileStamp(status)
            switch stamp.comparison(with: now, isOfProcess: false) {
            case .same: break
            case .changed: return .failure(.changed)
            case .other: return .failure(.gone)
            }
            guard Self.isRegular(status) else { return .failure(.notRegular) }
            return .success(Found(file: try place.reopened(), stamp: now))
        } catch {
            return .failure(Self.failure(error))
        }
    }

    /// Whether the pid is still that process's, as far as its start is known.
    private func isSameProcess(_ process: FileRequest) -> Bool {
        guard process.startBootNanoseconds != 0 else { return true }
        let identity = ProcessIdentity(pid: process.pid, startBootNanoseconds: process.startBootNanoseconds)
        return (try? identity.isCurrent(in: processFileSystem)) ?? false
    }

    private static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

    private static func failure(_ error: CallError) -> HashFailure {
        switch error.code {
        case ENOENT, ESRCH, ENOTDIR, ELOOP, ENAMETOOLONG, EINVAL: .gone
        default: .unreadable
        }
    }
}
