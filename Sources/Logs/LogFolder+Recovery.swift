import Glibc

/// What a run before left in a folder, and what was mended.
public struct LogRecovery: Sendable {
    /// A file whose last line was torn.
    public struct Torn: Sendable, Hashable {
        /// The file.
        public var path: String
        /// How many bytes were cut off.
        public var bytes: Int
        /// Whether nothing was left, and the file is gone.
        public var isRemoved: Bool
    }

    /// Files whose last line was torn.
    public var torn: [Torn] = []
    /// The first line of the newest file, with its newline; nil: there is no file, or it is compressed.
    public var firstLine: [UInt8]?
    /// The last line of the newest file, with its newline.
    public var lastLine: [UInt8]?
}

extension LogFolder {
    /// Removes what was not finished and what is there twice, cuts torn last lines off, and reads where the newest file ends.
    ///
    /// Only for whoever holds the folder and does not write yet.
    /// - Throws: `LogError` when a file that has a torn line cannot be mended.
    public func recover() throws(LogError) -> LogRecovery {
        var recovery = LogRecovery()
        for name in temporaries() { _ = FolderCalls().remove(path(of: name)) }
        let stored = files()
        let copies = Self.copies(among: stored)
        for file in stored where file.name.compression == nil {
            if settle(file.name, copies: copies[file.name] ?? [], calls: FolderCalls()) == .compressed { continue }
            switch mend(file.name) {
            case .failure(let code): throw LogError(.mend, path: path(of: file.name), code: code)
            case .whole: break
            case .torn(let bytes, let isEmpty):
                let path = path(of: file.name)
                if isEmpty { _ = FolderCalls().remove(path) }
                recovery.torn.append(.init(path: path, bytes: bytes, isRemoved: isEmpty))
            }
        }
        let left = files().map(\.name)
        if let newest = left.last?.plain, left.contains(newest) {
            recovery.firstLine = line(of: newest, isLast: false)
            recovery.lastLine = line(of: newest, isLast: true)
        }
        return recovery
    }

    /// What was found at the end of a file.
    enum Mending: Hashable {
        case whole
        /// So many bytes were cut off.
        case torn(Int, isEmpty: Bool)
        /// It could not be read or cut.
        case failure(Int32)
    }

    /// Cuts off what follows the last newline.
    func mend(_ name: LogFileName) -> Mending {
        let descriptor = open(name, O_RDWR)
        guard descriptor >= 0 else { return .failure(errno) }
        defer { close(descriptor) }
        let length = Int(lseek(descriptor, 0, SEEK_END))
        guard let newline = Self.lastNewline(descriptor, before: length) else {
            return ftruncate(descriptor, 0) == 0 ? .torn(length, isEmpty: true) : .failure(errno)
        }
        if newline + 1 == length { return .whole }
        guard ftruncate(descriptor, off_t(newline + 1)) == 0 else { return .failure(errno) }
        return .torn(length - newline - 1, isEmpty: false)
    }

    /// The first or the last line of a file, with its newline; nil: it cannot be read, or is longer than any of ours.
    private func line(of name: LogFileName, isLast: Bool) -> [UInt8]? {
        let descriptor = open(name, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let length = Int(lseek(descriptor, 0, SEEK_END))
        let limit = 1 << 20
        guard isLast else {
            let bytes = Self.read(descriptor, 0..<min(length, limit))
            return bytes.firstIndex(of: UInt8(ascii: "\n")).map { Array(bytes[...$0]) }
        }
        let start = Self.lastNewline(descriptor, before: length - 1).map { $0 + 1 } ?? 0
        return length - start <= limit ? Self.read(descriptor, start..<length) : nil
    }

    /// open(2) of a file that is no link: its descriptor, or -1 with errno.
    func open(_ name: LogFileName, _ flags: Int32) -> Int32 {
        // The path is a NUL-terminated copy that lives through the call.
        unsafe Glibc.open(path(of: name), flags | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Where the last newline before `end` stands; nil: there is none.
    private static func lastNewline(_ descriptor: Int32, before end: Int) -> Int? {
        var end = end
        while end > 0 {
            let start = max(end - 64 << 10, 0)
            let bytes = read(descriptor, start..<end)
            if let index = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + index }
            end = start
        }
        return nil
    }

    /// The bytes of a range, as far as they are there and can be read.
    static func read(_ descriptor: Int32, _ range: Range<Int>) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < range.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                // What is left of the buffer, which is valid through the call.
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                return unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + done))
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            done += count
        }
        return Array(bytes[..<done])
    }
}
