internal import Bytes
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
    private static let pieceBytes = 1 << 20

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
        _ start: FileStart, _ head: Span<UInt8>, progress: Progress, isOver: () -> Bool
    ) -> Stop? {
        endFile()
        while true {
            let code = make(start, head)
            if code == 0 {
                account(head, progress)
                return nil
            }
            link.tell(trouble: code)
            if isOver() { return .isOver }
            link.pause()
        }
    }

    /// Makes a file with its first lines in it: until these are whole, it has another name.
    /// - Returns: 0 or an errno.
    private mutating func make(_ start: FileStart, _ head: Span<UInt8>) -> Int32 {
        let code = folder.ensure()
        if code != 0 { return code }
        // Later than every name there is, whatever the clock says.
        let earliest = lastName.map { $0.unixNanoseconds + 1 } ?? 0
        let name = LogFileName(unixNanoseconds: max(start.unixNanoseconds, earliest), sequence: start.sequence)
        let temporary = folder.temporaryPath(of: name)
        let new = calls.create(temporary)
        guard new >= 0 else { return -new }
        var failure = put(new, head).code
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
    private mutating func append(_ lines: Span<UInt8>, progress: Progress, isOver: () -> Bool) -> Stop? {
        var done = 0
        while done < lines.count {
            guard descriptor >= 0 else {
                if isOver() { return .isOver }
                guard let (start, head) = link.replacement(isOver: isOver) else { return .isOver }
                if let stop = begin(start, head.span, progress: progress, isOver: isOver) { return stop }
                continue
            }
            let rest = lines.extracting(droppingFirst: done)
            let (count, failure) = put(descriptor, rest.extracting(first: pieceLength(rest)))
            let written = rest.extracting(first: wholeLines(rest.extracting(first: count)))
            let isWhole = written.count == count || calls.cutBack(descriptor, count - written.count)
            guard calls.hasName(descriptor) else {
                // What was just written went with it.
                endFile()
                link.tell(trouble: ENOENT)
                continue
            }
            account(written, progress)
            done += written.count
            let code = failure == 0 && durability == .always ? calls.synchronize(descriptor) : failure
            if code != 0 {
                if !isWhole || ![ENOSPC, EDQUOT].contains(code) { endFile() }
                link.tell(trouble: code)
                if isOver() { return .isOver }
                link.pause()
            } else if done < lines.count, isOver() {
                return .isOver
            }
        }
        return nil
    }

    /// How many bytes, from the beginning, are about as much as one call takes and end with a line.
    private func pieceLength(_ lines: Span<UInt8>) -> Int {
        guard lines.count > Self.pieceBytes else { return lines.count }
        let length = wholeLines(lines.extracting(first: Self.pieceBytes))
        return length > 0 ? length : lines.count
    }

    /// Writes as much as can be.
    private func put(_ descriptor: Int32, _ bytes: Span<UInt8>) -> (count: Int, code: Int32) {
        var done = 0
        while done < bytes.count {
            let result = calls.write(descriptor, bytes.extracting(droppingFirst: done))
            if result > 0 {
                done += result
            } else if result != -Int(EINTR) {
                // Nothing taken and no error: a device that is at its end.
                return (done, result == 0 ? EIO : Int32(clamping: -result))
            }
        }
        return (done, 0)
    }

    private mutating func account(_ lines: Span<UInt8>, _ progress: Progress) {
        guard !lines.isEmpty else { return }
        statistics.bytesWritten += UInt64(lines.count)
        statistics.linesWritten += UInt64(newlines(lines))
        progress(lines.count, statistics)
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
            let start = starts.first?.piece == index ? starts.removeFirst() : nil
            let stop = piece.bytes.withBytes { write($0, from: start, progress: progress, isOver: isOver) }
            if let stop { return stop }
        }
        link.tell(trouble: nil)
        return nil
    }

    /// Writes a piece.
    /// - Parameter start: the file that begins with it; nil: it goes on.
    private mutating func write(
        _ lines: Span<UInt8>, from start: FileStart?, progress: Progress, isOver: () -> Bool
    ) -> Stop? {
        guard let start else { return append(lines, progress: progress, isOver: isOver) }
        if let stop = begin(start, lines.extracting(first: start.headCount), progress: progress, isOver: isOver) {
            return stop
        }
        return append(lines.extracting(droppingFirst: start.headCount), progress: progress, isOver: isOver)
    }

    mutating func close() {
        if descriptor >= 0, durability == .always { _ = calls.synchronize(descriptor) }
        endFile()
        syncer?.stop()
        archive?.stop()
    }
}
