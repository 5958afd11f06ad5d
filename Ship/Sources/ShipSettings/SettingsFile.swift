internal import Glibc

/// Why a file that the settings name cannot be read, as the end of a sentence.
struct FileProblem: Error {
    let message: String

    init(code: Int32) {
        // strerror's text is valid until the next call on this thread.
        message = unsafe String(cString: strerror(code))
    }

    init(_ message: String) { self.message = message }
}

/// Reads small files that decide something.
enum SettingsFile {
    /// The content of a file of at most so many bytes.
    ///
    /// - Throws: also where everybody may write it: who writes it decides what it says.
    static func read(_ path: String, atMost limit: Int) throws(FileProblem) -> [UInt8] {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileProblem(code: errno) }
        defer { close(descriptor) }
        var status = stat()
        // Fills `status`.
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileProblem(code: errno) }
        if status.st_mode & S_IFMT == S_IFDIR { throw FileProblem(code: EISDIR) }
        if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o002 != 0 {
            throw FileProblem("everybody may write it: chmod o-w '\(path)'")
        }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= limit {
            // Writes at most chunk.count bytes.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress!, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileProblem(code: errno) }
            if count == 0 { return content }
            content += chunk.prefix(count)
        }
        throw FileProblem("it is longer than \(limit) bytes")
    }

    /// Makes sure that a file can be read: better now than with the first connection.
    static func check(_ path: String) throws(FileProblem) {
        // Both live through the calls; the path is a NUL-terminated copy.
        guard unsafe access(path, R_OK) == 0 else { throw FileProblem(code: errno) }
    }

    /// A variable of the environment; nil: it is not set.
    static func environment(_ name: String) -> String? {
        // The value is NUL-terminated and copied before anything could change the environment.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
