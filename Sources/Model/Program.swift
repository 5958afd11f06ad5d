/// What was executed: a file, with its arguments, from a folder.
///
/// Told once by the kernel, at exec, and shared by every process that runs it: those that the process forks, and those
/// that execute the very same. What only differs in its arguments shares its image, because there may be tens of
/// thousands.
public final class Program: Sendable {
    /// What is out of the ordinary about it.
    public struct Marks: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Makes marks of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The executable's path is cut at its front.
        public static let pathCut = Marks(rawValue: 1 << 0)
        /// The executable had been deleted when it was started.
        public static let deleted = Marks(rawValue: 1 << 1)
        /// The executable is in no folder: memfd_create(2).
        public static let memfd = Marks(rawValue: 1 << 2)
        /// The working folder's path is cut at its front.
        public static let folderCut = Marks(rawValue: 1 << 3)
        /// Not all of the environment was looked through.
        public static let variablesCut = Marks(rawValue: 1 << 4)
    }

    /// Everything but the arguments.
    public let image: ProgramImage
    /// The arguments as the kernel keeps them, each ended by NUL, as far as they are known.
    public let argumentBytes: [UInt8]
    private let firstBytes: UInt32
    private let totalBytes: UInt32

    /// Makes a program.
    ///
    /// Every text but the arguments is cut at 16 KiB.
    ///
    /// - Parameters:
    ///   - name: `comm`.
    ///   - path: the executable's real path; empty: not known (kernel threads have none).
    ///   - folder: the working folder; empty: not known.
    ///   - script: what execve() was given in place of the executable; empty: no script.
    ///   - variables: `NAME=VALUE`, each ended by NUL.
    ///   - arguments: each ended by NUL, the program's name first; empty: not known or none.
    ///   - argumentsTotalBytes: how many bytes of arguments there are; nil: these.
    ///   - mode: `st_mode`; 0: not known.
    ///   - stamp: what the kernel said of the executable.
    ///   - marks: what is out of the ordinary.
    public init(
        name: ThreadName, path: some Collection<UInt8>, folder: some Collection<UInt8> = [],
        script: some Collection<UInt8> = [], variables: some Collection<UInt8> = [],
        arguments: some Collection<UInt8> = [], argumentsTotalBytes: Int? = nil, mode: UInt16 = 0,
        stamp: FileStamp = FileStamp(), marks: Marks = []
    ) {
        image = ProgramImage(
            name: name, path: path, folder: folder, script: script, variables: variables, mode: mode, stamp: stamp,
            marks: marks)
        // A copy of its own: what these are a part of may be much longer.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(arguments.count)
        bytes.append(contentsOf: arguments)
        argumentBytes = bytes
        firstBytes = UInt32(clamping: bytes.count)
        totalBytes = UInt32(clamping: argumentsTotalBytes ?? bytes.count)
    }

    private init(_ program: Program, image: ProgramImage, argumentBytes: [UInt8]) {
        self.image = image
        self.argumentBytes = argumentBytes
        firstBytes = program.firstBytes
        totalBytes = program.totalBytes
    }

    /// The same, with an equal image that others hold as well.
    public func with(image: ProgramImage) -> Program {
        Program(self, image: image, argumentBytes: argumentBytes)
    }

    /// The same, with arguments of which /proc told those that had been cut.
    ///
    /// - Parameter bytes: begins with those that are known.
    public func with(argumentBytes bytes: [UInt8]) -> Program {
        Program(self, image: image, argumentBytes: bytes)
    }

    /// How many bytes of arguments the program was given, at most 4 GiB; more than ``argumentBytes`` has when they were cut.
    public var argumentsTotalBytes: Int { Int(totalBytes) }
    /// The process's name: `comm` of its leader at exec.
    public var name: ThreadName { image.name }
    /// What is out of the ordinary.
    public var marks: Marks { image.marks }
    /// Permission bits and type of the executable, `st_mode`; 0: not known.
    public var mode: UInt16 { image.mode }
    /// What the kernel said of the executable; all zeros: not known.
    public var stamp: FileStamp { image.stamp }
    /// The executable's real path, mounts crossed; nil: not known.
    ///
    /// Of a memfd: its name, as in `memfd:x`.
    public var executable: [UInt8]? { image.executable }
    /// The working folder at exec; nil: not known.
    public var workingFolder: [UInt8]? { image.workingFolder }
    /// The script, where the executable is only its interpreter; nil: none.
    ///
    /// Absolute where the folder is known.
    public var script: [UInt8]? { image.script }
    /// The environment variables that were asked for, `NAME=VALUE`.
    public var variables: [[UInt8]] { image.variables }
    /// The arguments, the program's name first; empty: not known or none.
    public var arguments: [[UInt8]] { Self.strings(argumentBytes[...]) }
    /// Whether `arguments` is not all of them.
    public var areArgumentsCut: Bool { argumentsTotalBytes > argumentBytes.count }
    /// Whether some of `arguments` were read from /proc after the others had been told.
    public var areArgumentsMixed: Bool { argumentBytes.count > firstBytes }
    /// How long all of its text is.
    public var textByteCount: Int { image.textByteCount + argumentBytes.count }

    /// Strings that each end in NUL, empty ones kept.
    public static func strings(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        guard let last = bytes.last else { return [] }
        return (last == 0 ? bytes.dropLast() : bytes)
            .split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    }
}

extension Program: Hashable {
    /// Whether both are the same in everything.
    public static func == (one: Program, other: Program) -> Bool {
        one === other
            || one.totalBytes == other.totalBytes && one.firstBytes == other.firstBytes
                && one.argumentBytes == other.argumentBytes && one.image == other.image
    }

    /// Hashes its name and arguments, which tell most programs apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(argumentBytes)
    }
}
