import Foundation
import Model
import Testing

@testable import Files

/// A folder that is removed when the test lets go of it.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "tattle-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and the folders it is in.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let folder = (file(name) as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// Copies a program, so that nobody else runs it; `padding` makes its content one of its own.
    func copy(_ program: String, to name: String, padding: String = "") throws -> String {
        try FileManager.default.copyItem(
            at: URL(filePath: program).resolvingSymlinksInPath(), to: URL(filePath: file(name)))
        try append(padding, to: file(name))
        return file(name)
    }
}

func append(_ text: String, to path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
}

/// Puts one file in the place of another, as an upgrade does.
func replace(_ path: String, with other: String) throws {
    // C strings for the call, here and below.
    let code = unsafe rename(other, path)
    try #require(code == 0)
}

func remove(_ path: String) throws {
    let code = unsafe unlink(path)
    try #require(code == 0)
}

func hardLink(_ path: String, _ other: String) throws {
    let code = unsafe link(path, other)
    try #require(code == 0)
}

func symbolicLink(_ target: String, _ path: String) throws {
    let code = unsafe symlink(target, path)
    try #require(code == 0)
}

func changeMode(_ path: String, _ mode: mode_t) throws {
    let code = unsafe chmod(path, mode)
    try #require(code == 0)
}

func makeFIFO(_ path: String) throws {
    let code = unsafe mkfifo(path, 0o600)
    try #require(code == 0)
}

func shorten(_ path: String, _ length: off_t) throws {
    let code = unsafe truncate(path, length)
    try #require(code == 0)
}

/// A process that lives until the test ends it.
final class Program {
    let pid: UInt32
    private var isRunning = true

    /// Runs a program; it is executed when this returns.
    init(_ path: String, _ arguments: [String] = ["1000"]) throws {
        var child = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        // What strdup allocated.
        defer { unsafe words.forEach { unsafe free($0) } }
        // A list of C strings with nil at its end, valid through the call.
        var code = unsafe posix_spawn(&child, path, nil, nil, &words, environ)
        // Another test's child has this process's descriptors, one to write the program among them, until its exec.
        while code == ETXTBSY {
            sched_yield()
            code = unsafe posix_spawn(&child, path, nil, nil, &words, environ)
        }
        try #require(code == 0)
        pid = UInt32(child)
    }

    /// Ends it; its pid is nobody's then.
    func end() {
        guard isRunning else { return }
        isRunning = false
        kill(pid_t(pid), SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(pid_t(pid), &status, 0) < 0 && errno == EINTR {}
    }

    deinit { end() }
}

/// The pid of a process that is no more.
func endedPid() throws -> UInt32 {
    let program = try Program("/bin/true", [])
    program.end()
    return program.pid
}

/// What the kernel says of a file now.
///
/// Waits for the inode's clock to tick: what is younger is not remembered.
func stamp(_ path: String) throws -> FileStamp {
    let stamp = FileStamp(try OpenFile(path, flags: OpenFile.place).status())
    while !stamp.isSettled { sched_yield() }
    return stamp
}

func request(
    _ path: String, pid: UInt32 = 0, stamp: FileStamp? = nil, isInHostMountNamespace: Bool = true
) throws -> FileRequest {
    FileRequest(
        pid: pid, startBootNanoseconds: 0, path: Array(path.utf8), stamp: try stamp ?? FilesTests.stamp(path),
        isInHostMountNamespace: isInHostMountNamespace)
}

/// Whether a descriptor becomes readable within so many milliseconds.
func isReadable(_ descriptor: Int32, within milliseconds: Int32 = 0) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // One entry that lives through the call.
    return unsafe poll(&entry, 1, milliseconds) == 1
}

extension FileInspector {
    /// The next verdicts; an empty list after a minute.
    func next() -> [(key: FileKey, verdict: FileVerdict)] {
        isReadable(notificationDescriptor, within: 60_000) ? acknowledge() : []
    }

    /// The verdict, from the cache or from the thread.
    func finalVerdict(for request: FileRequest) throws -> FileVerdict {
        if let verdict = verdict(for: request) { return verdict }
        while true {
            let ready = next()
            try #require(!ready.isEmpty)
            if let verdict = ready.first(where: { $0.key == request.key })?.verdict { return verdict }
        }
    }
}

/// The first word of what a command prints.
func firstWord(_ command: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split { $0 == " " || $0 == "\n" }.first.map(String.init) ?? ""
}

func hexadecimal(_ bytes: [UInt8]?) -> String {
    bytes.map { $0.map { String(format: "%02x", $0) }.joined() } ?? "none"
}

func sha256sum(_ path: String) throws -> String { try firstWord("sha256sum", [path]) }
