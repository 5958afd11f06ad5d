internal import Files
internal import Glibc
public import Model
public import Rules
public import TOML

/// What `/etc/tattle/tattle.toml`, or the file of `--config`, says.
public struct Configuration: Sendable {
    /// The file that is read where no other is named.
    public static let defaultPath = "/etc/tattle/tattle.toml"
    /// A longer file is none.
    static let longest = 1 << 20

    /// Where it is from.
    public let source: ConfigurationSource
    /// Its rules.
    public let rules: RuleSet

    /// Reads a configuration.
    ///
    /// - Parameter path: the file; nil: ``defaultPath``, which need not be there.
    /// - Returns: nil: there is none.
    public static func load(_ path: String?) throws(ConfigurationError) -> Configuration? {
        let name = path ?? defaultPath
        guard let bytes = try read(name, mayBeMissing: path == nil) else { return nil }
        let users = UserNames()
        do throws(ConfigurationProblems) {
            let rules = try RuleSet(configuration: bytes, userID: users.id(of:))
            return Configuration(
                source: ConfigurationSource(
                    path: name, sha256: ContentDigest.sha256(of: bytes), ruleCount: rules.rules.count,
                    ruleNames: rules.rules.map(\.name)), rules: rules)
        } catch {
            throw ConfigurationError(path: name, reason: .wrong(error.problems))
        }
    }

    private static func read(_ path: String, mayBeMissing: Bool) throws(ConfigurationError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if mayBeMissing, errno == ENOENT { return nil }
            throw ConfigurationError(path: path, reason: .system(code: errno))
        }
        defer { close(descriptor) }
        var status = stat()
        // Fills `status`.
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw ConfigurationError(path: path, reason: .system(code: errno))
        }
        // Whoever can write it decides what is recorded. Of a device, as /dev/null, the mode says nothing.
        if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o002 != 0 {
            throw ConfigurationError(path: path, reason: .writable)
        }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= longest {
            // Writes at most chunk.count bytes.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress!, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ConfigurationError(path: path, reason: .system(code: errno)) }
            if count == 0 { return content }
            content += chunk.prefix(count)
        }
        throw ConfigurationError(path: path, reason: .tooLong)
    }
}

/// Why there is no configuration.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// Why.
    public enum Reason: Sendable, Hashable {
        /// The file cannot be read.
        case system(code: Int32)
        /// Everybody may write it.
        case writable
        /// It is longer than 1 MiB.
        case tooLong
        /// What is in it, by place; at least one.
        case wrong([Problem])
    }

    /// The file.
    public let path: String
    /// Why.
    public let reason: Reason

    /// One line: the first problem, and how many more there are.
    public var description: String {
        switch reason {
        case .system(let code): return "cannot read '\(path)': \(describe(code))"
        case .writable:
            return
                "'\(path)' may be written by everybody, and who writes it decides what is recorded: chmod o-w '\(path)'"
        case .tooLong: return "'\(path)' is longer than 1 MiB"
        case .wrong(let problems):
            let more = problems.count > 1 ? " (and \(problems.count - 1) more: tattle config check)" : ""
            return "\(path):\(problems.first?.description ?? "")\(more)"
        }
    }
}
