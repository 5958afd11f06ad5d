public import Beacons
public import Capture
public import Logs
public import Model

/// Everything that a run is told.
public struct TraceOptions: Sendable {
    /// How records are written.
    public enum Format: String, Sendable, CaseIterable {
        /// NDJSON in the Elastic Common Schema.
        case ecs
        /// NDJSON in the Open Cybersecurity Schema Framework.
        case ocsf
        /// NDJSON as Zeek's conn.log.
        case zeek
        /// A table for a person.
        case table
    }

    /// Where records go: a path, a folder (one that is there, or with a slash at the end), or `-` for the standard output.
    public var output = "-"
    /// When a folder's file is ended and the next one begun.
    public var rotation = RotationPolicy()
    /// How a folder's files are written, and what becomes of them.
    public var folder = LogFolderOptions()
    /// How records are written; nil: a table on a terminal, else ECS.
    public var format: Format?
    /// How long an attempt waits for its outcome before it is written as unknown.
    public var settle: Duration = .seconds(1)
    /// The hook set to use; nil: the best that works.
    public var hookSet: HookSet?
    /// Size of the ring buffer in bytes, a power of two and at least a page.
    public var ringBytes = 8 << 20
    /// Names of environment variables that are recorded at exec, at most 8.
    public var variables = ["LD_PRELOAD", "LD_LIBRARY_PATH"]
    /// Executables up to this many bytes are hashed and looked up among the packages; 0: none are.
    public var hashLimitBytes = 256 << 20
    /// Which attempts are wanted.
    public var filter = TraceFilter()
    /// Whose rules say what of them is written; nil: everything is.
    public var configuration: Configuration?
    /// When to stop by itself; nil: never.
    public var duration: Duration?
    /// How often a heartbeat is written, and the records are compared with the kernel's counters; 0: never.
    public var heartbeat: Duration = .seconds(60)
    /// A file for Prometheus that is rewritten at each heartbeat; nil: none.
    public var metricsFile: String?
    /// Whether calls are scored, with what is known to be good; nil: they are not.
    public var beacons: AllowList?
    /// Whether the sockets that are open at the start are written.
    public var hasInventory = true
    /// Whether a self-test is made first.
    public var hasSelfTest = false
    /// Whether a table shows heartbeats, too.
    public var isVerbose = false
    /// The command to run, with its arguments; empty: none.
    public var command: [String] = []

    /// Whether records go to the files of a folder.
    public var isOutputFolder: Bool { output != "-" && LogFolder.isFolder(output) }

    /// The defaults: the whole machine, to the standard output.
    public init() {}
}

extension Duration {
    /// Whole nanoseconds, 0...UInt64.max.
    var nanosecondsClamped: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product &+ UInt64(attoseconds / 1_000_000_000)
    }
}
