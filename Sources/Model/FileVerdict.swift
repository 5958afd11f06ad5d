/// Why there is no hash of an executable.
public enum HashFailure: String, Error, Sendable, Hashable {
    /// It is longer than the limit.
    case tooLarge = "too_large"
    /// No file is left of which it is certain that it is the one that ran.
    case gone
    /// The file is there and can't be read: no right, or an error of the disk.
    case unreadable
    /// The file is there, and its content is not the one that ran.
    ///
    /// By its number: a file system that gave it to a successor at the same path can't be told from it.
    case changed
    /// Too much was to be looked at already; a later request may have more luck.
    case busy
    /// What the process is said to run is not a regular file.
    case notRegular = "not_regular"
}

/// What an executable really is.
///
/// A class, so that those who render it know at a glance that it is the one they know.
public final class FileVerdict: Sendable {
    /// SHA-256 of the very file that ran, 32 bytes; nil: see `failure`.
    public let sha256: [UInt8]?
    /// Why there is no hash; nil: there is one.
    public let failure: HashFailure?
    /// The package that the path belongs to; nil: see `isPackageKnown`.
    public let package: PackageMembership?
    /// Whether `package` says something: with none, the path belongs to no package.
    ///
    /// False where dpkg has no database, was at work, or knows nothing of the process's files (a container), and
    /// where no file is at the path by now that could be asked about.
    public let isPackageKnown: Bool

    /// Whether the executable's path leads to this very file on the machine, for a process that sees no other mounts.
    ///
    /// False also where it was not found out; and where the file was replaced at its path, as by an upgrade. A program
    /// of a mount namespace of its own may have any path, also for who is in none: by way of /proc/PID/root.
    public let isAtPath: Bool

    /// Whether the file's content is another one than at exec.
    public var hasChangedSinceStart: Bool { failure == .changed }

    /// Makes a verdict.
    public init(
        sha256: [UInt8]? = nil, failure: HashFailure? = nil, package: PackageMembership? = nil,
        isPackageKnown: Bool = false, isAtPath: Bool = false
    ) {
        self.sha256 = sha256
        self.failure = failure
        self.package = package
        self.isPackageKnown = isPackageKnown
        self.isAtPath = isAtPath
    }
}

extension FileVerdict: Hashable {
    /// Whether both say the same in a record.
    public static func == (one: FileVerdict, other: FileVerdict) -> Bool {
        one.sha256 == other.sha256 && one.failure == other.failure && one.package == other.package
            && one.isPackageKnown == other.isPackageKnown
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(sha256)
        hasher.combine(failure)
        hasher.combine(package)
        hasher.combine(isPackageKnown)
    }
}
