/// What was executed: a file, with its arguments, from a folder.
///
/// Told once by the kernel, at exec, and shared by every process that runs it: those that the process forks, and those
/// that execute the very same. One block of bytes holds all the text, because there may be tens of thousands.
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

    /// The process's name: `comm` of its leader at exec.
    public let name: ThreadName
    /// What is out of the ordinary.
    public let marks: Marks
    /// Permission bits and type of the executable, `st_mode`; 0: not known.
    public let mode: UInt16
    /// What the kernel said of the executable; all zeros: not known.
    public let stamp: FileStamp
    /// How many bytes of arguments the program was given; more than `arguments` holds when they were cut.
    public let argumentsTotalBytes: Int

    private let text: [UInt8]
    private let pathEnd: UInt16
    private let folderEnd: UInt16
    private let scriptEnd: UInt16
    private let variablesEnd: UInt16

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
        let limit = (16 << 10) - 1
        self.name = name
        self.marks = marks
        self.mode = mode
        self.stamp = stamp
        self.argumentsTotalBytes = argumentsTotalBytes ?? arguments.count
        var text: [UInt8] = []
        text.reserveCapacity(path.count + folder.count + script.count + variables.count + arguments.count)
        text.append(contentsOf: path.prefix(limit))
        pathEnd = UInt16(text.count)
        text.append(contentsOf: folder.prefix(limit))
        folderEnd = UInt16(text.count)
        text.append(contentsOf: script.prefix(limit))
        scriptEnd = UInt16(text.count)
        text.append(contentsOf: variables.prefix(limit))
        variablesEnd = UInt16(text.count)
        text.append(contentsOf: arguments)
        self.text = text
    }

    /// The executable's real path, mounts crossed; nil: not known.
    ///
    /// Of a memfd: its name, as in `memfd:x`.
    public var executable: [UInt8]? { pathEnd == 0 ? nil : Array(text[..<Int(pathEnd)]) }
    /// The working folder at exec; nil: not known.
    public var workingFolder: [UInt8]? {
        folderEnd == pathEnd ? nil : Array(text[Int(pathEnd)..<Int(folderEnd)])
    }
    /// The script, where the executable is only its interpreter; nil: none.
    ///
    /// Absolute where the folder is known.
    public var script: [UInt8]? {
        guard scriptEnd > folderEnd else { return nil }
        let name = text[Int(folderEnd)..<Int(scriptEnd)]
        guard name.first != UInt8(ascii: "/"), let folder = workingFolder else { return Array(name) }
        let isHere = name.starts(with: "./".utf8)
        return folder + (folder.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name.dropFirst(isHere ? 2 : 0)
    }
    /// The environment variables that were asked for, `NAME=VALUE`.
    public var variables: [[UInt8]] { Self.strings(text[Int(scriptEnd)..<Int(variablesEnd)]) }
    /// The arguments, the program's name first; empty: not known or none.
    public var arguments: [[UInt8]] { Self.strings(text[Int(variablesEnd)...]) }
    /// Whether `arguments` is not all of them.
    public var areArgumentsCut: Bool { argumentsTotalBytes > text.count - Int(variablesEnd) }
    /// How long all of its text is.
    public var textByteCount: Int { text.count }

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
            || one.name == other.name && one.marks == other.marks && one.mode == other.mode && one.stamp == other.stamp
                && one.argumentsTotalBytes == other.argumentsTotalBytes && one.pathEnd == other.pathEnd
                && one.folderEnd == other.folderEnd && one.scriptEnd == other.scriptEnd
                && one.variablesEnd == other.variablesEnd && one.text == other.text
    }

    /// Hashes its text, which tells most programs apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
