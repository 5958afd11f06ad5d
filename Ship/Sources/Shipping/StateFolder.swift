internal import Following
internal import Glibc
internal import ShipSettings

/// The folder that checkpoints, dead letters and the status are in; one tattle-ship at a time.
final class StateFolder: Sendable {
    let path: String
    private let lock: Int32

    /// Makes the folder if only its last part is missing, and locks it.
    init(_ path: String) throws(ShipConfigurationError) {
        self.path = path
        // The path is a NUL-terminated copy that lives through the calls.
        var code = unsafe mkdir(path, 0o750) == 0 || errno == EEXIST ? 0 : errno
        var descriptor: Int32 = -1
        if code == 0 {
            descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            code = descriptor >= 0 ? 0 : errno
        }
        lock = descriptor
        // Better now than after the first delivery; a full disk may have room later.
        if code == 0, unsafe access(path, W_OK) != 0 { code = errno }
        guard code == 0 else {
            throw ShipConfigurationError(
                // strerror's text is valid until the next call on this thread.
                "cannot keep state in '\(path)': \(unsafe String(cString: strerror(code))): --state FOLDER names another",
                exitCode: ShipExitCode.cannotCreate)
        }
        // `status` holds it for an instant.
        var tries = 1
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, tries < 10 {
            usleep(10_000)
            tries += 1
        }
        guard tries < 10 else {
            throw ShipConfigurationError(
                "another tattle-ship keeps its state in '\(path)': --state FOLDER names another",
                exitCode: ShipExitCode.cannotCreate)
        }
    }

    /// Whether a tattle-ship keeps its state there now.
    static func isInUse(_ path: String) -> Bool {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    deinit { if lock >= 0 { close(lock) } }

    func letters(of destination: String) -> String { "\(path)/\(CheckpointFile.stem(of: destination)).dead.ndjson" }

    static func status(in path: String) -> String { "\(path)/status.json" }
}
