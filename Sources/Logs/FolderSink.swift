import Glibc

/// Writes into the files of a folder: a line whole or not at all, and again and again until it is written.
///
/// No failure is final. A full file system is tried again with the same file; whatever else fails, and a file that
/// somebody removed, with a new one.
struct FolderSink: ~Copyable {
    private let folder: LogFolder
    private let calls: FolderCalls
    private let link: FolderLink
    private let durability: Durability
    private let syncer: Syncer?
    private let archive: Archive?
    /// The file that is being written; -1: none.
    private var descriptor: Int32 = -1
    private var lastName: LogFileName?
    /// What is in the files.
    private(set) var statistics = LogStatistics()

    /// One call's worth, so that the backlog is seen to fall.
    private static let pieceLength = 1 << 20

    /// Begins with no file.
    init(
        _ folder: LogFolder, calls: FolderCalls, link: FolderLink, durability: Durability, syncer: Syncer?,
        archive: Archive?
    ) {
        self.folder = folder
        self.calls = calls
        self.link = link
        self.durability = durability
        self.syncer = syncer
        self.archive = archive
        lastName = folder.files().last?.name
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    private typealias Progress = (Int, LogStatistics) -> Void

    /// Begins a file, trying until it is there.
    private mutating func begin(
        _ start: FileStart, _ bytes: [UInt8], _ head: Range<Int>, progress: Progress, isOver: () -> Bool
    ) -> Stop? {
        endFile()
        while true {
            let code = make(start, bytes, head)
            if code == 0 {
                account(bytes, head, progress)
                return nil
            }
            link.tell(trouble: code)
            if isOver() { return .isOver }
            link.pause()
        }
    }

    /// Makes a file with its first lines in it: until these are whole, it has another name.
    /// - Returns: 0 or an errno.
    private mutating func make(_ start: FileStart, _ bytes: [UInt8], _ head: Range<Int>) -> Int32 {
        let code = folder.ensure()
        if code != 0 { return code }
        // Later than every name there is, whatever the clock says.
        let earliest = lastName.map { $0.unixNanoseconds + 1 } ?? 0
        let name = LogFileName(unixNanoseconds: max(start.unixNanoseconds, earliest), sequence: start.sequence)
        let temporary = folder.temporaryPath(of: name)
        let new = calls.create(temporary)
        guard new >= 0 else { return -new }
        var failure = put(new, bytes, head).code
        if failure == 0, durability != .never { failure = calls.synchronize(new) }
        if failure == 0 { failure = calls.rename(temporary, folder.path(of: name)) }
        guard failure == 0 else {
            Glibc.close(new)
            _ = calls.remove(temporary)
            return failure
        }
        if durability != .never { _ = folder.synchronize() }
        descriptor = new
        lastName = name
        syncer?.follow(new)
        archive?.filesChanged(current: name)
        return 0
    }

    /// Appends lines to the file, trying until they are there.
    private mutating func append(
        _ bytes: [UInt8], _ range: Range<Int>, progress: Progress, isOver: () -> Bool
    ) -> Stop? {
        var done = range.lowerBound
        while done < range.upperBound {
            guard descriptor >= 0 else {
                if isOver() { return .isOver }
                guard let (start, head) = link.replacement(isOver: isOver) else { return .isOver }
                if let stop = begin(start, head, head.indices, progress: progress, isOver: isOver) { return stop }
                continue
            }
            let (count, failure) = put(descriptor, bytes, piece(bytes, done..<range.upperBound))
            let end = done + wholeLines(bytes, done..<done + count)
            let isWhole = end == done + count || calls.cutBack(descriptor, done + count - end)
            guard calls.hasName(descriptor) else {
                // What was just written went with it.
                endFile()
                link.tell(trouble: ENOENT)
                continue
            }
            account(bytes, done..<end, progress)
            done = end
            let code = failure == 0 && durability == .always ? calls.synchronize(descriptor) : failure
            if code != 0 {
                if !isWhole || ![ENOSPC, EDQUOT].contains(code) { endFile() }
                link.tell(trouble: code)
                if isOver() { return .isOver }
                link.pause()
            } else if done < range.upperBound, isOver() {
                return .isOver
            }
        }
        return nil
    }

    /// The first whole lines of `range`, about as much as one call takes.
    private func piece(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        guard range.count > Self.pieceLength else { return range }
        let length = wholeLines(bytes, range.lowerBound..<range.lowerBound + Self.pieceLength)
        return length > 0 ? range.lowerBound..<range.lowerBound + length : range
    }

    /// Writes as much as can be.
    private func put(_ descriptor: Int32, _ bytes: [UInt8], _ range: Range<Int>) -> (count: Int, code: Int32) {
        var done = range.lowerBound
        while done < range.upperBound {
            let result = calls.write(descriptor, bytes, done..<range.upperBound)
            if result > 0 {
                done += result
            } else if result != -Int(EINTR) {
                // Nothing taken and no error: a device that is at its end.
                return (done - range.lowerBound, result == 0 ? EIO : Int32(clamping: -result))
            }
        }
        return (range.count, 0)
    }

    private mutating func account(_ bytes: [UInt8], _ range: Range<Int>, _ progress: Progress) {
        guard !range.isEmpty else { return }
        statistics.bytesWritten += UInt64(range.count)
        statistics.linesWritten += UInt64(newlines(bytes, range))
        progress(range.count, statistics)
    }

    /// Lets go of the file.
    private mutating func endFile() {
        guard descriptor >= 0 else { return }
        syncer?.follow(nil)
        Glibc.close(descriptor)
        descriptor = -1
    }
}

extension FolderSink: Destination {
    var isReady: Bool { descriptor >= 0 && durability != .always }

    mutating func write(_ batch: Batch, progress: (Int, LogStatistics) -> Void, isOver: () -> Bool) -> Stop? {
        var starts = batch.starts[...]
        for (index, piece) in batch.pieces.enumerated() {
            var done = 0
            if let start = starts.first, start.piece == index {
                starts.removeFirst()
                done = start.headCount
                if let stop = begin(start, piece, 0..<done, progress: progress, isOver: isOver) { return stop }
            }
            if let stop = append(piece, done..<piece.count, progress: progress, isOver: isOver) { return stop }
        }
        link.tell(trouble: nil)
        return nil
    }

    mutating func close() {
        if descriptor >= 0, durability == .always { _ = calls.synchronize(descriptor) }
        endFile()
        syncer?.stop()
        archive?.stop()
    }
}

/// How many bytes of `range`, from its beginning, are whole lines.
private func wholeLines(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return end - range.lowerBound
}
