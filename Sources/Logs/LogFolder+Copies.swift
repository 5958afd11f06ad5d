internal import Compression
import Glibc

/// What a compressed file holds, beside the plain one that it has the name of.
enum CompressedCopy: Hashable {
    /// The same: it is whole.
    case whole
    /// The beginning, and no more, or none that can be decompressed.
    case part
    /// Something that the plain one does not hold.
    case other
    /// One of the two could not be read, or that was stopped (ECANCELED): an errno.
    case failure(Int32)
}

extension LogFolder {
    /// What is there of a file after ``settle(_:copies:calls:isStopped:)``.
    enum Settled: Hashable {
        /// The plain one, and none that it holds all of.
        case plain
        /// A compressed one that is whole.
        case compressed
        /// Several of which none may be removed: the compressed one that tells, and an errno.
        case both(LogFileName, Int32)
    }

    /// The compressed files among these, by the name of the plain one.
    static func copies(among files: [StoredFile]) -> [LogFileName: [LogFileName]] {
        Dictionary(grouping: files.map(\.name).filter { $0.compression != nil }, by: \.plain)
    }

    /// Leaves one of a plain file and the compressed ones of its name, where one of them holds everything.
    ///
    /// What tattle compresses has its name only once it is whole; what somebody else does (`gzip -k`, a backup that was
    /// ended) may not be. So it is read first.
    /// - Parameter isStopped: asked now and then; true: leave both as they are.
    func settle(
        _ name: LogFileName, copies: [LogFileName], calls: FolderCalls, isStopped: () -> Bool = { false }
    ) -> Settled {
        var result = Settled.plain
        for copy in copies {
            let code: Int32
            switch compare(copy, calls, isStopped) {
            case .whole:
                let code = calls.remove(path(of: name))
                return code == 0 ? .compressed : .both(copy, code)
            case .part: code = calls.remove(path(of: copy))
            case .other: code = EEXIST
            case .failure(let errno): code = errno
            }
            if code != 0, code != ENOENT { result = .both(copy, code) }
        }
        return result
    }

    /// Reads a compressed file and the plain one of its name to the end, or to where they differ.
    ///
    /// One that holds the same is on the disk afterwards.
    private func compare(_ copy: LogFileName, _ calls: FolderCalls, _ isStopped: () -> Bool) -> CompressedCopy {
        guard let method = copy.compression else { return .failure(EINVAL) }
        let plain = open(copy.plain, O_RDONLY)
        guard plain >= 0 else { return .failure(errno) }
        defer { close(plain) }
        let compressed = open(copy, O_RDONLY)
        guard compressed >= 0 else { return .failure(errno) }
        defer { close(compressed) }
        var (read, unpacked, isSame, isDamaged, isWhole) = (0, 0, true, false, false)
        do throws(CompressionError) {
            let decompressor = try Decompressor(method)
            while isSame {
                if isStopped() { return .failure(ECANCELED) }
                let piece = Self.read(compressed, read..<read + Self.pieceLength)
                if piece.isEmpty { break }
                read += piece.count
                try decompressor.decompress(piece, count: piece.count) { bytes in
                    guard isSame else { return }
                    isSame = Self.read(plain, unpacked..<unpacked + bytes.count).elementsEqual(bytes)
                    unpacked += bytes.count
                }
            }
            isWhole = decompressor.isAtEnd && read > 0
        } catch {
            if error == .outOfMemory { return .failure(ENOMEM) }
            isDamaged = true
        }
        guard isSame else { return .other }
        // The rest could not be read, or is just being written.
        if !isDamaged, Int(lseek(compressed, 0, SEEK_END)) > read { return .failure(EBUSY) }
        guard isWhole, Int(lseek(plain, 0, SEEK_END)) == unpacked else { return .part }
        var code = calls.synchronize(compressed)
        if code == 0 { code = synchronize() }
        return code == 0 ? .whole : .failure(code)
    }

    private static var pieceLength: Int { 256 << 10 }
}
