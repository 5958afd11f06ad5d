/// What was executed: a file, with its arguments, from a folder.
///
/// Told once by the kernel, at exec, and shared by every process that runs it: those that the process forks, and those
/// that execute the very same. What only differs in its arguments shares its image, because there may be tens of
/// thousands.
///
/// A reference: copies are the same object, to be compared with `===`. Arguments stand in the block of the object itself.
public struct Program {
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

    /// What stands before the bytes of the arguments.
    private struct Header {
        let image: ProgramImage
        /// How many bytes of arguments there are.
        let count: UInt32
        /// How many of them were told first.
        let firstCount: UInt32
        /// How many there are in all.
        let totalCount: UInt32
    }

    /// Written once, before anybody else has it.
    private let storage: ManagedBuffer<Header, UInt8>

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
        let count = UInt32(clamping: arguments.count)
        self.init(
            Header(
                image: ProgramImage(
                    name: name, path: path, folder: folder, script: script, variables: variables, mode: mode,
                    stamp: stamp, marks: marks), count: count, firstCount: count,
                totalCount: UInt32(clamping: argumentsTotalBytes ?? arguments.count)), arguments: arguments)
    }

    private init(_ header: Header, arguments: some Collection<UInt8>) {
        storage = ManagedBuffer.create(minimumCapacity: Int(header.count)) { _ in header }
        // There is room for `count` bytes.
        unsafe storage.withUnsafeMutablePointerToElements { bytes in
            let buffer = unsafe UnsafeMutableBufferPointer(start: bytes, count: Int(header.count))
            _ = unsafe buffer.initialize(from: arguments)
        }
    }

    /// The same, with an equal image that others hold as well.
    public func with(image: ProgramImage) -> Program {
        let header = storage.header
        return Program(
            Header(
                image: image, count: header.count, firstCount: header.firstCount, totalCount: header.totalCount),
            arguments: argumentBytes)
    }

    /// The same, with arguments of which /proc told those that had been cut.
    ///
    /// - Parameter bytes: begins with those that are known.
    public func with(argumentBytes bytes: [UInt8]) -> Program {
        let header = storage.header
        return Program(
            Header(
                image: header.image, count: UInt32(clamping: bytes.count), firstCount: header.firstCount,
                totalCount: header.totalCount), arguments: bytes)
    }

    /// Calls `body` with what stands before the arguments.
    ///
    /// In place, and without a check for exclusive access, which a line of a process would ask for 25 times: nobody writes
    /// once it is made.
    @inline(__always)
    private func withHeader<Result>(_ body: (UnsafeMutablePointer<Header>) -> Result) -> Result {
        unsafe storage.withUnsafeMutablePointerToHeader(body)
    }

    /// Calls `body` with the bytes of the arguments.
    private func withArgumentBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // As many as were written, and nobody writes any more.
        unsafe storage.withUnsafeMutablePointerToElements { bytes in
            unsafe body(UnsafeBufferPointer(start: bytes, count: argumentByteCount))
        }
    }

    /// Whether both are one object; so they stay the same for ever.
    public static func === (one: Program, other: Program) -> Bool { one.storage === other.storage }

    /// What tells it from all others that there are.
    public var objectIdentifier: ObjectIdentifier { ObjectIdentifier(storage) }
    /// Everything but the arguments.
    public var image: ProgramImage { unsafe withHeader { unsafe $0.pointee.image } }
    /// The arguments as the kernel keeps them, each ended by NUL, as far as they are known: a copy.
    public var argumentBytes: [UInt8] { unsafe withArgumentBytes { unsafe Array($0) } }
    /// How many there are of ``argumentBytes``.
    public var argumentByteCount: Int { unsafe withHeader { unsafe Int($0.pointee.count) } }
    /// How many bytes of arguments the program was given, at most 4 GiB; more than ``argumentByteCount`` when they were cut.
    public var argumentsTotalBytes: Int { unsafe withHeader { unsafe Int($0.pointee.totalCount) } }
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
    /// The first of ``arguments``, the program's name; nil: not known or none.
    public var firstArgument: [UInt8]? {
        unsafe withArgumentBytes { bytes in
            guard !bytes.isEmpty else { return nil }
            return unsafe Array(bytes.prefix { $0 != 0 })
        }
    }
    /// How many bytes ``executable``, ``workingFolder`` and ``script`` have, without copies of them; 0: not known.
    public var textByteCounts: (executable: Int, workingFolder: Int, script: Int) { image.textByteCounts }
    /// Whether `arguments` is not all of them.
    public var areArgumentsCut: Bool {
        unsafe withHeader { header in unsafe header.pointee.totalCount > header.pointee.count }
    }
    /// Whether some of `arguments` were read from /proc after the others had been told.
    public var areArgumentsMixed: Bool { storage.header.count > storage.header.firstCount }
    /// How long all of its text is.
    public var textByteCount: Int { image.textByteCount + argumentByteCount }

    /// Strings that each end in NUL, empty ones kept.
    public static func strings(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var rest = bytes
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0) ?? rest.endIndex
            strings.append(Array(rest[..<end]))
            rest = rest[end...].dropFirst()
        }
        return strings
    }
}

extension Program: Hashable {
    /// Whether both are the same in everything.
    public static func == (one: Program, other: Program) -> Bool {
        one === other || one.hasSameArguments(as: other) && one.image == other.image
    }

    private func hasSameArguments(as other: Program) -> Bool {
        let (mine, theirs) = (storage.header, other.storage.header)
        guard mine.count == theirs.count, mine.firstCount == theirs.firstCount, mine.totalCount == theirs.totalCount
        else { return false }
        return unsafe withArgumentBytes { mine in
            unsafe other.withArgumentBytes { theirs in unsafe mine.elementsEqual(theirs) }
        }
    }

    /// Hashes its name and arguments, which tell most programs apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        unsafe withArgumentBytes { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Nothing of it changes once it is made.
extension Program: @unsafe @unchecked Sendable {}
