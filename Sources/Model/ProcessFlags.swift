/// What is worth a second look about a process.
///
/// Facts, not verdicts: each has harmless causes too.
public struct ProcessFlags: OptionSet, Hashable, Sendable {
    /// One bit for each flag.
    public let rawValue: UInt16

    /// Makes a set of its bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The executable has no name in any folder any more.
    ///
    /// Also true of whatever a package update has replaced.
    public static let deleted = ProcessFlags(rawValue: 1 << 0)
    /// The executable never was in a folder: memfd_create(2).
    public static let memfd = ProcessFlags(rawValue: 1 << 1)
    /// The executable is below a folder where everybody may leave files.
    public static let temporaryFolder = ProcessFlags(rawValue: 1 << 2)
    /// Everybody may write the executable.
    public static let worldWritable = ProcessFlags(rawValue: 1 << 3)
    /// The executable, or a folder that it is below, has a name that begins with a dot.
    public static let hiddenPath = ProcessFlags(rawValue: 1 << 4)
    /// The name or the first argument is like that of a thread of the kernel, which this is not.
    public static let kernelLookAlike = ProcessFlags(rawValue: 1 << 5)
    /// Another process traces it: ptrace(2).
    public static let ptraced = ProcessFlags(rawValue: 1 << 6)
    /// It was told to load a library first: `LD_PRELOAD`, ld.so(8).
    public static let preload = ProcessFlags(rawValue: 1 << 7)
    /// No package of the distribution owns the executable.
    public static let unpackaged = ProcessFlags(rawValue: 1 << 8)
    /// The executable runs as its owner, whoever starts it: mode 04000.
    public static let setuid = ProcessFlags(rawValue: 1 << 9)

    /// The names of those that are set, in the order of their bits: `tattle.process.flags`.
    ///
    /// They are part of the records' format and don't change.
    public var names: [StaticString] { Self.named.filter { contains($0.flag) }.map(\.name) }

    private static let named: [(flag: ProcessFlags, name: StaticString)] = [
        (.deleted, "deleted"), (.memfd, "memfd"), (.temporaryFolder, "temporary_folder"),
        (.worldWritable, "world_writable"), (.hiddenPath, "hidden_path"), (.kernelLookAlike, "kernel_look_alike"),
        (.ptraced, "ptraced"), (.preload, "preload"), (.unpackaged, "unpackaged"), (.setuid, "setuid"),
    ]
}
