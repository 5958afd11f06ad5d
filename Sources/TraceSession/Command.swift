internal import CLinux
internal import Glibc

/// The command that is traced: held until the hooks are live, then let go.
final class Command {
    /// Its process id.
    let pid: pid_t
    private var child: tattle_held_child
    private var isHeld = true

    /// Finds the program and forks the process that will execute it.
    ///
    /// - Throws: ``TracingError`` with 127 when it is not found, 126 when it may not be executed.
    init(_ arguments: [String]) throws(TracingError) {
        let path = try Self.locate(arguments[0])
        var child = tattle_held_child()
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        // A NULL-terminated array of C strings, alive until the fork has copied them.
        guard unsafe tattle_spawn_held(path, pointers, &child) == 0 else {
            throw TracingError("cannot start '\(arguments[0])': \(describe(errno))", exitCode: 1)
        }
        self.child = child
        self.pid = child.pid
    }

    deinit { if isHeld { unsafe tattle_abandon_held(&child) } }

    /// Lets it run.
    ///
    /// - Throws: ``TracingError`` with 126 when the kernel refuses to execute it.
    func release(name: String) throws(TracingError) {
        isHeld = false
        // Closes both pipes of the child.
        let error = unsafe tattle_release_held(&child)
        guard error != 0 else { return }
        var status: Int32 = 0
        _ = unsafe waitpid(pid, &status, 0)
        throw TracingError("cannot execute '\(name)': \(describe(error))", exitCode: ExitCode.commandNotExecutable)
    }

    /// The exit status once it has ended, as shells give it (128 + signal); nil while it runs.
    func exitStatus() -> Int32? {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
        // WIFEXITED and WEXITSTATUS are macros: waitpid(2).
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }

    /// Sends a signal on to it.
    func send(_ signal: Int32) { kill(pid, signal) }

    /// As execvp(3) looks: a name with a slash is a path, else the first in PATH that may be executed.
    static func locate(_ name: String) throws(TracingError) -> String {
        if name.contains("/") {
            if isExecutable(name) { return name }
            throw missing(name, isThere: unsafe access(name, F_OK) == 0)
        }
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        var isThere = false
        for directory in path.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
            let candidate = directory.isEmpty ? name : "\(directory)/\(name)"
            if isExecutable(candidate) { return candidate }
            if unsafe access(candidate, F_OK) == 0 { isThere = true }
        }
        throw missing(name, isThere: isThere)
    }

    private static func missing(_ name: String, isThere: Bool) -> TracingError {
        isThere
            ? TracingError("'\(name)' may not be executed", exitCode: ExitCode.commandNotExecutable)
            : TracingError("command '\(name)' not found", exitCode: ExitCode.commandNotFound)
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        // Fills `status`.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, X_OK) == 0
    }
}

/// An errno in words.
func describe(_ error: Int32) -> String {
    // strerror's text is valid until the next call on this thread.
    unsafe String(cString: strerror(error))
}
