internal import DequeModule
internal import Glibc
internal import Model
internal import Threads

/// The inspector's thread: opens what is asked for, reads it, tells.
final class FileWorker {
    /// A file that is open, or not to be had, and waits to be read.
    private struct Job {
        let key: FileKey
        /// How many processes were tried.
        let requestCount: Int
        let result: Result<ExecutableSearch.Found, HashFailure>
    }

    private let queue: WorkQueue<FileInspector.State>
    private let reader: FileReader
    private let packages: PackageDatabase?
    private var jobs: Deque<Job> = []
    /// Files that were read, by what they are now: another path or an unknown stamp leads to the same ones.
    private var contents: RecentCache<FileStamp, FileContent>

    /// So many files are held open at most.
    private static let jobLimit = 64

    /// Makes a thread's body; nothing runs yet.
    init(
        queue: WorkQueue<FileInspector.State>, reader: FileReader, packages: PackageDatabase?, contentLimit: Int
    ) {
        self.queue = queue
        self.reader = reader
        self.packages = packages
        contents = RecentCache(limit: contentLimit)
    }

    /// Starts the thread, detached.
    /// - Returns: 0 or an errno.
    func start() -> Int32 {
        // The thread is the only one that uses it from here on.
        nonisolated(unsafe) let worker = self
        return WorkerThread.start(name: "tattle-files") { unsafe worker.run() }
    }

    private func run() {
        while let job = next() {
            guard let (verdict, isLasting) = inspect(job) else { return }
            deliver(verdict, for: job, isLasting: isLasting)
        }
    }

    /// The next file to be read; waits for one.
    /// - Returns: nil when the thread is to end.
    private func next() -> Job? {
        while openWaiting() {
            if let job = jobs.popFirst() { return job }
            queue.waitForWork()
        }
        return nil
    }

    /// Opens what waits.
    ///
    /// Called between blocks as well: a process may end, and take its file along, while another one's is being read.
    /// - Returns: whether to go on.
    private func openWaiting() -> Bool {
        while true {
            let (isStopped, next) = queue.withLock { state -> (Bool, (FileKey, [FileRequest])?) in
                guard !state.isStopped, jobs.count < Self.jobLimit, let key = state.waiting.popFirst() else {
                    return (state.isStopped, nil)
                }
                return (false, (key, state.requests[key] ?? []))
            }
            guard let (key, requests) = next else { return !isStopped }
            let search = ExecutableSearch(stamp: key.stamp, path: key.path)
            jobs.append(Job(key: key, requestCount: requests.count, result: search.find(requests)))
        }
    }

    /// Reads a file and asks for its package.
    /// - Returns: the verdict and whether it will stay true; nil when the thread is to end.
    private func inspect(_ job: Job) -> (FileVerdict, isLasting: Bool)? {
        switch job.result {
        case .failure(let failure):
            return (FileVerdict(failure: failure), false)
        case .success(let found):
            let facts = PackageFacts(packages, of: found, at: job.key)
            guard let result = content(of: found, wantsMD5: facts.md5 != nil) else { return nil }
            switch result {
            case .success(let content):
                let (package, isKnown, isLasting) = facts.conclusion(from: content)
                let verdict = FileVerdict(
                    sha256: content.sha256, package: package, isPackageKnown: isKnown, isAtPath: facts.isAtPath)
                return (verdict, isLasting && found.isSettled)
            case .failure(let failure):
                let (package, isKnown, isLasting) = facts.conclusion(from: nil)
                let verdict = FileVerdict(
                    failure: failure, package: package, isPackageKnown: isKnown, isAtPath: facts.isAtPath)
                return (verdict, isLasting && found.isSettled && failure == .tooLarge)
            }
        }
    }

    private func content(
        of found: ExecutableSearch.Found, wantsMD5: Bool
    ) -> Result<FileContent, HashFailure>? {
        if let content = contents.value(for: found.stamp), content.md5 != nil || !wantsMD5 { return .success(content) }
        let result = reader.read(found, wantsMD5: wantsMD5) { openWaiting() }
        if case .success(let content) = result, found.isSettled { contents.insert(content, for: found.stamp) }
        return result
    }

    private func deliver(_ verdict: FileVerdict, for job: Job, isLasting: Bool) {
        queue.withLock { state in
            // One who asked meanwhile may lead to the file still.
            if verdict.failure == .gone, (state.requests[job.key]?.count ?? 0) > job.requestCount {
                state.waiting.append(job.key)
                return
            }
            state.requests[job.key] = nil
            if isLasting { state.cache.insert(verdict, for: job.key) }
            queue.finish((job.key, verdict), in: &state)
        }
    }
}
