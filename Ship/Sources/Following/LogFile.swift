internal import Compression
internal import Glibc
internal import Logs

/// One file of the log, open: its lines from an offset on.
///
/// Nothing is kept of what has no end of line yet: tattle takes a half-written line back when the disk is full, and writes
/// another one in its place.
final class LogFile {
    /// What could be read.
    enum Reading {
        /// Whole lines, at least one; whether nothing more was there.
        case lines([UInt8], isAtEnd: Bool)
        /// Nothing whole.
        case nothing
        /// What compressed the file is damaged here.
        case damaged
    }

    /// What came of opening one.
    enum Opening {
        /// It is open, and has a line.
        case file(LogFile)
        /// It has no whole line, yet or at all.
        case empty
        /// It has none because what compressed it is damaged.
        case damaged
        /// It is not there: it was compressed or removed since it was listed.
        case gone
    }

    /// Its name, as it was opened.
    let name: LogFileName
    /// Its first line, with the line feed.
    private(set) var firstLine: [UInt8] = []
    /// How far it was taken, uncompressed.
    private(set) var offset: UInt64 = 0
    /// Bytes of lines that are longer than any record, since the last call of ``takeDropped()``.
    private var dropped: UInt64 = 0
    private var isInLongLine = false
    private let descriptor: Int32
    private let unpacked: UnpackedBytes?

    /// Longer than any record: what is longer is passed.
    static let longestLine = 1 << 20
    /// Most are shorter.
    private static let usualLine = 16 << 10

    /// Opens a file.
    static func open(_ name: LogFileName, in folder: String) throws(FollowingError) -> Opening {
        let file: LogFile
        do throws(FollowingError) {
            file = try LogFile(name, in: folder)
        } catch {
            if error.code == ENOENT { return .gone }
            throw error
        }
        switch try file.lines(records: 1, bytes: Self.usualLine) {
        case .nothing: return .empty
        case .damaged: return .damaged
        case .lines(let first, _):
            // Kept for long: without the room of what was read with it.
            file.firstLine = Array(first[...])
            return .file(file)
        }
    }

    private init(_ name: LogFileName, in folder: String) throws(FollowingError) {
        let path = "\(folder)/\(name)"
        self.name = name
        // The path is a NUL-terminated copy that lives through the call.
        descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        let code = errno
        unpacked = name.compression.flatMap { [descriptor] in UnpackedBytes(descriptor, $0) }
        // From here on `deinit` closes it.
        guard descriptor >= 0 else { throw FollowingError(path: path, code: code) }
        guard name.compression == nil || unpacked != nil else { throw FollowingError(path: path, code: ENOMEM) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whole lines from ``offset`` on, without going on: at least one, then while both limits hold.
    func lines(records: Int, bytes limit: Int) throws(FollowingError) -> Reading {
        // More is read only where one line is longer.
        var wanted = limit
        while true {
            var found = try peek(wanted)
            let isFull = found.count >= wanted
            if isInLongLine {
                let end = Self.newline(in: found, from: 0).map { $0 + 1 }
                dropped += UInt64(end ?? found.count)
                if end != nil { isInLongLine = false }
                advance(over: end ?? found.count)
                if found.isEmpty { return isDamaged ? .damaged : .nothing }
                continue
            }
            var (end, count) = (0, 0)
            while count < records, let newline = Self.newline(in: found, from: end) {
                if newline >= limit, end > 0 { break }
                end = newline + 1
                count += 1
            }
            if end > 0 {
                let isAtEnd = !isFull && Self.newline(in: found, from: end) == nil
                found.removeSubrange(end...)
                return .lines(found, isAtEnd: isAtEnd)
            }
            guard isFull else { return isDamaged ? .damaged : .nothing }
            isInLongLine = wanted >= Self.longestLine
            wanted = max(wanted, Self.longestLine)
        }
    }

    /// The line behind the first, of a file of which nothing was taken; nil: there is none that can be read.
    func secondLine() throws(FollowingError) -> ArraySlice<UInt8>? {
        guard case .lines(let both, _) = try lines(records: 2, bytes: 2 * Self.usualLine), both.count > firstLine.count
        else { return nil }
        return both[firstLine.count...].dropLast()
    }

    /// Goes on by so many bytes of what ``lines(records:bytes:)`` gave.
    func advance(over count: Int) {
        offset += UInt64(count)
        unpacked?.drop(count)
    }

    /// Goes on to an offset.
    ///
    /// - Returns: false: what compressed the file is damaged before it.
    func seek(to offset: UInt64) throws(FollowingError) -> Bool {
        guard unpacked != nil else {
            self.offset = offset
            return true
        }
        while self.offset < offset {
            let found = try peek(Self.longestLine)
            // It has fewer bytes than it had: there is nothing more.
            if found.isEmpty { return !isDamaged }
            advance(over: min(found.count, Int(min(offset - self.offset, UInt64(Int.max)))))
        }
        return true
    }

    /// Bytes of lines that were too long, since it was asked last.
    func takeDropped() -> UInt64 {
        defer { dropped = 0 }
        return isInLongLine ? 0 : dropped
    }

    private var isDamaged: Bool { unpacked?.isDamaged ?? false }

    /// So many bytes from ``offset`` on, or as many as there are.
    private func peek(_ count: Int) throws(FollowingError) -> [UInt8] {
        guard let unpacked else { return try peekPlain(count) }
        let code = unpacked.fill(count)
        guard code == 0 else { throw FollowingError(path: name.description, code: code) }
        return unpacked.prefix(count)
    }

    private func peekPlain(_ count: Int) throws(FollowingError) -> [UInt8] {
        var status = stat()
        // Lives through the call, which only writes to it.
        guard unsafe fstat(descriptor, &status) == 0 else { throw FollowingError(path: name.description, code: errno) }
        let there = UInt64(max(status.st_size, 0))
        guard there > offset else { return [] }
        var code: Int32 = 0
        let wanted = min(count, Int(min(there - offset, UInt64(Int.max))))
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, done in
            while done < wanted {
                // What is left of the buffer, which is valid through the call.
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
                let result = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
                if result < 0, errno == EINTR { continue }
                if result < 0 { code = errno }
                if result <= 0 { break }
                done += result
            }
        }
        guard code == 0 else { throw FollowingError(path: name.description, code: code) }
        return bytes
    }

    /// Where the next line feed is.
    static func newline(in bytes: [UInt8], from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return unsafe bytes.withUnsafeBytes { buffer in
            // Within the buffer; memchr gives an address in it or none.
            guard let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, 0x0a, buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
