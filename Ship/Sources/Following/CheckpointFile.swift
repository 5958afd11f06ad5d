internal import Glibc

/// The file that a destination's checkpoint is in: there is always a whole one, or none.
public struct CheckpointFile: Sendable {
    /// What was found.
    public enum Content: Sendable, Equatable {
        /// No file: nothing was delivered yet.
        case none
        /// How far it was.
        case checkpoint(Checkpoint)
        /// There is a file, and it is damaged, or of another destination.
        case damaged
        /// There is a file, and it cannot be read: an errno.
        case unreadable(Int32)
    }

    /// The path.
    public let path: String
    private let folder: String
    private let destination: String
    private let log: String?
    private let write: @Sendable (_ path: String, _ bytes: [UInt8]) -> Int32

    /// Names one; nothing is touched.
    ///
    /// - Parameters:
    ///   - folder: the one that it is in.
    ///   - log: the folder of the log that is delivered.
    public init(folder: String, destination: String, log: String) {
        self.init(folder: folder, destination: destination, log: log, write: Self.writeDurably)
    }

    /// Also says how a file is written and synchronized: 0 or an errno.
    init(
        folder: String, destination: String, log: String,
        write: @escaping @Sendable (_ path: String, _ bytes: [UInt8]) -> Int32
    ) {
        self.folder = folder
        self.destination = destination
        self.log = Checkpoint.place(of: log)
        self.write = write
        path = "\(folder)/\(Self.stem(of: destination)).checkpoint"
    }

    /// What the names of a destination's files begin with: what can be read of its name, and what makes it unlike others.
    public static func stem(of destination: String) -> String {
        let words = destination.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) ? byte : 0x2d
        }
        let digits = String(fingerprint(destination.utf8), radix: 16)
        return "\(String(decoding: words.prefix(64), as: UTF8.self))-\(digits)"
    }

    /// Reads it.
    public func load() -> Content {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT ? .none : .unreadable(errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        // Writes at most bytes.count bytes.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { return .unreadable(errno) }
        guard let text = String(validating: bytes[..<count], as: UTF8.self),
            let checkpoint = Checkpoint(text: text), checkpoint.destination == destination
        else { return .damaged }
        return .checkpoint(checkpoint)
    }

    /// Replaces it: when it returns 0, the new one is there whatever happens.
    ///
    /// - Returns: 0 or an errno; then the one before is there, or the new one, which may go with the power.
    public func save(_ position: LogPosition) -> Int32 {
        let text = Checkpoint(destination: destination, log: log, position: position).text
        let temporary = "\(path).tmp"
        var code = write(temporary, Array(text.utf8))
        // Both are NUL-terminated copies that live through the call.
        if code == 0, unsafe rename(temporary, path) != 0 { code = errno }
        guard code == 0 else {
            unsafe unlink(temporary)
            return code
        }
        return Self.synchronize(folder)
    }

    private static func writeDurably(_ path: String, _ bytes: [UInt8]) -> Int32 {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        // A kilobyte is written at once or not at all, but for a full disk.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { return count < 0 ? errno : ENOSPC }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    private static func synchronize(_ folder: String) -> Int32 {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 ? 0 : errno
    }
}
