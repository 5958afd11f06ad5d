/// What was executed, from where: everything of a ``Program`` but its arguments.
///
/// Held once for all processes that run the same with other arguments, as the workers of a service do. One block of
/// bytes holds all the text.
public final class ProgramImage: Sendable {
    /// The process's name: `comm` of its leader at exec.
    public let name: ThreadName
    /// What is out of the ordinary.
    public let marks: Program.Marks
    /// Permission bits and type of the executable, `st_mode`; 0: not known.
    public let mode: UInt16
    /// What the kernel said of the executable; all zeros: not known.
    public let stamp: FileStamp

    private let text: [UInt8]
    private let pathEnd: UInt16
    private let folderEnd: UInt16
    private let scriptEnd: UInt16

    /// Makes an image; every text is cut at 16 KiB.
    init(
        name: ThreadName, path: some Collection<UInt8>, folder: some Collection<UInt8>,
        script: some Collection<UInt8>, variables: some Collection<UInt8>, mode: UInt16, stamp: FileStamp,
        marks: Program.Marks
    ) {
        let limit = (16 << 10) - 1
        self.name = name
        self.marks = marks
        self.mode = mode
        self.stamp = stamp
        var text: [UInt8] = []
        text.reserveCapacity(path.count + folder.count + script.count + variables.count)
        text.append(contentsOf: path.prefix(limit))
        pathEnd = UInt16(text.count)
        text.append(contentsOf: folder.prefix(limit))
        folderEnd = UInt16(text.count)
        text.append(contentsOf: script.prefix(limit))
        scriptEnd = UInt16(text.count)
        text.append(contentsOf: variables.prefix(limit))
        self.text = text
    }

    var executable: [UInt8]? { pathEnd == 0 ? nil : Array(text[..<Int(pathEnd)]) }
    var workingFolder: [UInt8]? { folderEnd == pathEnd ? nil : Array(text[Int(pathEnd)..<Int(folderEnd)]) }
    var script: [UInt8]? {
        guard scriptEnd > folderEnd else { return nil }
        let name = text[Int(folderEnd)..<Int(scriptEnd)]
        guard name.first != UInt8(ascii: "/"), let folder = workingFolder else { return Array(name) }
        let isHere = name.starts(with: "./".utf8)
        return folder + (folder.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name.dropFirst(isHere ? 2 : 0)
    }
    var variables: [[UInt8]] { Program.strings(text[Int(scriptEnd)...]) }
    var textByteCounts: (executable: Int, workingFolder: Int, script: Int) {
        // A script's path is made absolute: it may have the folder in front of it.
        let (path, folder, script) = (Int(pathEnd), Int(folderEnd - pathEnd), Int(scriptEnd - folderEnd))
        return (path, folder, script == 0 ? 0 : self.script?.count ?? 0)
    }
    /// How long all of its text is.
    public var textByteCount: Int { text.count }
}

extension ProgramImage: Hashable {
    /// Whether both are the same in everything.
    public static func == (one: ProgramImage, other: ProgramImage) -> Bool {
        one === other
            || one.name == other.name && one.marks == other.marks && one.mode == other.mode && one.stamp == other.stamp
                && one.pathEnd == other.pathEnd && one.folderEnd == other.folderEnd
                && one.scriptEnd == other.scriptEnd && one.text == other.text
    }

    /// Hashes its text, which tells most images apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
