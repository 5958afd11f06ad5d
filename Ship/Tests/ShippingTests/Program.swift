import Glibc
import Synchronization
import Testing

/// The real program, run by a test.
struct Program {
    /// What came of a run.
    struct Result {
        var output: String
        var errors: String
        /// The exit code, or minus the signal that ended it.
        var status: Int32
    }

    /// A run that goes on.
    final class Run {
        var pid: pid_t = 0
        fileprivate let outputFile: String
        fileprivate let errorFile: String

        fileprivate init(_ scratch: Scratch) {
            outputFile = scratch.path("stdout-\(Scratch.number())")
            errorFile = scratch.path("stderr-\(Scratch.number())")
        }

        func signal(_ number: Int32) { kill(pid, number) }

        /// Waits for its end.
        func wait() -> Result {
            var status: Int32 = 0
            // Fills `status`.
            while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let code = status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
            return Result(output: Scratch.content(outputFile), errors: Scratch.content(errorFile), status: code)
        }

        var errors: String { Scratch.content(errorFile) }
    }

    /// Where it was built: beside the tests.
    static let path: String = {
        // The test bundle stands in the folder of the products.
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        return bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/tattle-ship"
    }()

    /// Starts it; `before` is what a shell does first.
    static func start(_ arguments: [String], in scratch: Scratch, before: String = "") throws -> Run {
        let run = Run(scratch)
        let command = ["/bin/sh", "-c", "\(before) exec \"$0\" \"$@\"", path] + arguments
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, run.outputFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, run.errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Copies that are freed below; both arrays end with nil.
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(&run.pid, "/bin/sh", &actions, nil, &words, environ)
        try #require(code == 0)
        return run
    }

    static func run(_ arguments: [String], in scratch: Scratch, before: String = "") throws -> Result {
        try start(arguments, in: scratch, before: before).wait()
    }
}

/// A folder of one test.
final class Scratch {
    let root: String
    private static let last = Mutex(0)

    init() {
        var template = Array("/tmp/tattle-ship-test-XXXXXX".utf8CString)
        // Rewrites the template in place.
        _ = unsafe mkdtemp(&template)
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// A call that delivers the log that is here, and keeps its state here.
    func arguments(to destinations: String...) -> [String] {
        ["--from", path("log"), "--state", path("state")] + destinations.flatMap { ["--to", $0] }
    }

    /// Makes a file, and gives its path.
    func write(_ name: String, _ text: String) -> String {
        let descriptor = unsafe open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        // Reads bytes.count bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        precondition(count == bytes.count)
        return path(name)
    }

    static func number() -> Int {
        last.withLock { last in
            last += 1
            return last
        }
    }

    static func remove(_ path: String) {
        for name in names(path) {
            var status = stat()
            // Fills `status`.
            if unsafe lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                remove("\(path)/\(name)")
            } else {
                unsafe unlink("\(path)/\(name)")
            }
        }
        unsafe rmdir(path)
    }

    static func names(_ path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func content(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        // Writes at most bytes.count bytes.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
