internal import Foundation

/// A process that a test started: its output goes to files, and it goes when the test does.
final class Child {
    /// What went wrong with a child that is not part of a test's question.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Its process id.
    let pid: Int32

    private let folder: Folder
    /// What waitpid(2) said of its end; nil before.
    private var ended: Int32?

    /// Starts a program, in a process group of its own and with no descriptor but the first three.
    ///
    /// Not with Foundation's Process, which keeps what it redirects to open: 1,024 are soon used up.
    ///
    /// - Parameter folder: where its output goes; nil: to a folder of its own.
    init(_ path: String, _ arguments: [String], folder: Folder? = nil) throws {
        let folder = try folder ?? Folder()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, name) in [(Int32(1), "stdout"), (2, "stderr")] {
            unsafe posix_spawn_file_actions_addopen(
                &actions, descriptor, folder.at(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        }
        for descriptor in try Child.openDescriptors() where descriptor > 2 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The threads that tests run on have every signal blocked; a program would inherit that.
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var pid: Int32 = 0
        let error = unsafe posix_spawn(&pid, path, &actions, &attributes, &words, environ)
        guard error == 0 else { throw Failure(description: "cannot start \(path): error \(error)") }
        self.pid = pid
        self.folder = folder
    }

    /// The descriptors that this process has open.
    static func openDescriptors() throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
    }

    deinit {
        guard isRunning else { return }
        send(SIGCONT)
        send(SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        var status: Int32 = 0
        if ended == nil, unsafe waitpid(pid, &status, WNOHANG) == pid { ended = status }
        return ended == nil
    }

    /// Sends a signal to it alone.
    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for its end, and returns its status as a shell says it: 128+N when signal N ended it.
    ///
    /// The limit is for what hangs: no test depends on time, and an emulated machine is slow.
    func wait(seconds: Double = 900) throws -> Int32 {
        try waitUntil("process \(pid) ends", seconds: seconds) { !isRunning }
        // As WIFSIGNALED, WTERMSIG and WEXITSTATUS of wait(2), which Swift does not see.
        let status = ended ?? 0
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }

    /// What it wrote to its standard output so far.
    var output: String { folder.text("stdout") }

    /// What it wrote to its standard error so far.
    var errors: String { folder.text("stderr") }
}

/// Waits until a condition holds.
func waitUntil(_ what: String, seconds: Double = 300, _ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        guard Date() < deadline else { throw Child.Failure(description: "waited \(seconds) s in vain until \(what)") }
        usleep(2000)
    }
}

/// A new folder, gone with its owner.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/tattle-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in it.
    func at(_ name: String) -> String { path + "/" + name }

    /// Makes an empty file in it.
    func make(_ name: String) throws {
        guard FileManager.default.createFile(atPath: at(name), contents: nil) else {
            throw Child.Failure(description: "cannot make \(at(name))")
        }
    }

    /// The bytes of a file in it; none when it is not there.
    func data(_ name: String) -> Data { FileManager.default.contents(atPath: at(name)) ?? Data() }

    /// The text of a file in it.
    func text(_ name: String) -> String { String(decoding: data(name), as: UTF8.self) }

    /// Whether there is such a file.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: at(name)) }
}
