/// Whole lines on their way to the writer's thread, and where among them files begin.
///
/// In pieces of one size, which are used again and again: a single array that grows is copied as it does, and its new
/// memory is the kernel's work page by page.
struct Batch: Sendable {
    /// Bytes of memory for a piece; only what was ever used of it is resident.
    static let pieceBytes = 1 << 20

    /// Whole lines each, none of them empty.
    private(set) var pieces: [[UInt8]] = []
    /// Where files begin, in order; a log of one file has none.
    private(set) var starts: [FileStart] = []
    /// How many bytes it holds.
    private(set) var byteCount = 0

    /// Whether there is nothing to write.
    var isEmpty: Bool { byteCount == 0 }

    /// How many lines it holds.
    var lineCount: Int { pieces.reduce(0) { $0 + newlines($1, $1.indices) } }

    /// Appends whole lines.
    mutating func append(_ lines: some Collection<UInt8>, _ spare: inout SparePieces) {
        let count = lines.count
        guard count > 0 else { return }
        byteCount += count
        if let last = pieces.indices.last, pieces[last].capacity - pieces[last].count >= count {
            pieces[last].append(contentsOf: lines)
            return
        }
        var piece = spare.take()
        piece.reserveCapacity(max(Self.pieceBytes, count))
        piece.append(contentsOf: lines)
        pieces.append(piece)
    }

    /// Begins a file with its first lines, at least one.
    mutating func begin(_ start: FileStart, with head: [UInt8], _ spare: inout SparePieces) {
        var start = start
        start.piece = pieces.count
        start.headCount = head.count
        starts.append(start)
        byteCount += head.count
        var piece = spare.take()
        piece.reserveCapacity(max(Self.pieceBytes, head.count))
        piece.append(contentsOf: head)
        pieces.append(piece)
    }

    /// Puts what another batch has after its first `count` bytes before everything; that other one begins no file.
    mutating func prepend(_ other: Batch, after count: Int) {
        var left = count
        var rest: [[UInt8]] = []
        for piece in other.pieces {
            if left < piece.count { rest.append(Array(piece[left...])) }
            left = max(0, left - piece.count)
        }
        for index in starts.indices { starts[index].piece += rest.count }
        pieces.insert(contentsOf: rest, at: 0)
        byteCount += other.byteCount - count
    }

    /// Forgets the lines, and gives their memory to be used again.
    mutating func removeAll(_ spare: inout SparePieces) {
        while let piece = pieces.popLast() { spare.put(piece) }
        starts.removeAll(keepingCapacity: true)
        byteCount = 0
    }
}

/// Memory for lines that is not in use.
struct SparePieces: Sendable {
    /// As much as a burst takes; while nothing happens, ``idleLimit``.
    private static let limit = 16
    /// Pieces that are kept in any case.
    static let idleLimit = 2

    private var pieces: [[UInt8]] = []

    /// Whether more is kept than is needed while nothing happens.
    var isLarge: Bool { pieces.count > Self.idleLimit }

    /// An empty piece; the one that was in use last comes first, as its memory is resident.
    mutating func take() -> [UInt8] { pieces.popLast() ?? [] }

    /// Keeps the memory of a piece, if it is of the usual size and not too many are kept.
    mutating func put(_ piece: consuming [UInt8]) {
        guard pieces.count < Self.limit, piece.capacity < 2 * Batch.pieceBytes else { return }
        piece.removeAll(keepingCapacity: true)
        pieces.append(piece)
    }

    /// Lets go of what is not needed while nothing happens.
    mutating func shrink() { pieces.removeLast(max(0, pieces.count - Self.idleLimit)) }
}

/// A new file of a log's folder: what it begins with, and what it is called.
struct FileStart: Sendable {
    /// Which piece of the batch begins with its first bytes.
    var piece = 0
    /// How many bytes come into being together with the file.
    var headCount = 0
    /// Its number in the run, from 0.
    var sequence: UInt64
    /// When, nanoseconds since 1970.
    var unixNanoseconds: UInt64
}
