public import ArgumentParser
internal import Compression
public import Logs
internal import TraceSession

/// The files of a folder.
struct FileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Begin a new file when this one has so many bytes; 0: never. (default: 100MiB)", valueName: "size"),
        transform: parseSize)
    var rotateSize = ByteCount(100 << 20)

    @Option(help: ArgumentHelp("Begin a new file when this one is so old; 0: never.", valueName: "time"))
    var rotateEvery = TimeSpan(.zero)

    @Option(help: ArgumentHelp("Remove the oldest so that no more are left; 0: keep all.", valueName: "n"))
    var keepFiles: UInt32 = 0

    @Option(help: ArgumentHelp("Remove those not written to for so long, as 30d; 0: keep all.", valueName: "time"))
    var keepAge = TimeSpan(.zero)

    @Option(
        help: ArgumentHelp(
            "Remove the oldest so that no more bytes are left, as 10GB; 0: keep all. (default: 0)", valueName: "size"),
        transform: parseSize)
    var keepBytes = ByteCount(0)

    @Option(help: "How old files are compressed: none, zstd, gzip.")
    var compress = CompressionChoice.none

    @Option(
        help: ArgumentHelp(
            "With --compress: leave so many of the newest as they are, 1 or more. (default: 1)", valueName: "n"),
        transform: { try explained($0, "a number from 1 on") { UInt32($0).flatMap { $0 > 0 ? $0 : nil } } })
    var plainFiles: UInt32 = 1

    @Option(
        help: ArgumentHelp(
            "Make sure of the disk: none: when the kernel gets to it; interval: every five seconds; always: each write.",
            valueName: "none|interval|always"))
    var fsync = Durability.interval

    /// When a file is ended.
    var rotation: RotationPolicy {
        RotationPolicy(
            bytes: rotateSize.bytes > 0 ? rotateSize.bytes : nil, nanoseconds: rotateEvery.nanoseconds)
    }

    /// How files are written, and what becomes of them.
    var folder: LogFolderOptions {
        LogFolderOptions(
            durability: fsync,
            archive: ArchivePolicy(
                compression: compress.method, plainFiles: Int(plainFiles),
                retention: RetentionPolicy(
                    files: keepFiles > 0 ? Int(keepFiles) : nil,
                    bytes: keepBytes.bytes > 0 ? UInt64(keepBytes.bytes) : nil, nanoseconds: keepAge.nanoseconds)))
    }

    /// Refuses what would have no effect, or make no sense.
    /// - Throws: ``TracingError``.
    func check(_ options: TraceOptions) throws(TracingError) {
        if options.isOutputFolder {
            switch options.format {
            case nil, .ecs, .ocsf: return
            case .zeek:
                // conn.log has no line that says which file it is, how far the run came, and whether it ended.
                throw TracingError(
                    "a folder's files begin with a line of their own, and conn.log has none: write ECS, of which "
                        + "`tattle convert --to zeek` makes it",
                    exitCode: TraceSession.ExitCode.usage)
            case .table:
                throw TracingError(
                    "a folder gets NDJSON, ECS or OCSF: leave out --format table; `tattle show` prints it as a table",
                    exitCode: TraceSession.ExitCode.usage)
            }
        }
        let standard = TraceOptions()
        guard rotateSize.bytes != 100 << 20 || rotation.nanoseconds != nil || folder != standard.folder else { return }
        throw TracingError(
            "files are rotated, kept and compressed in a folder only: --output '\(options.output)/'",
            exitCode: TraceSession.ExitCode.usage)
    }
}

@Sendable private func parseSize(_ argument: String) throws -> ByteCount {
    try explained(argument, "a size such as 100MB, or 0", ByteCount.init(limit:))
}

/// `--compress`.
enum CompressionChoice: String, ExpressibleByArgument, CaseIterable {
    case none
    case zstd
    case gzip

    /// The method; nil: none.
    var method: CompressionMethod? { CompressionMethod(rawValue: rawValue) }
}

extension Durability: ExpressibleByArgument {}

extension TimeSpan {
    /// Nanoseconds; nil: 0, which means never.
    fileprivate var nanoseconds: UInt64? {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = UInt64(max(seconds, 0)) * 1_000_000_000 + UInt64(max(attoseconds, 0) / 1_000_000_000)
        return nanoseconds > 0 ? nanoseconds : nil
    }
}
