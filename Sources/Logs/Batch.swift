internal import Bytes

/// Whole lines on their way to the writer's thread, and where among them files begin.
///
/// In pieces, whose memory is exchanged with whoever made the lines, and used again and again: a single array that grows
/// is copied as it does, and its new memory is the kernel's work page by page.
struct Batch {
    /// No more bytes than these are copied to others that wait; more are handed on as they are.
    static let copiedBytes = 32 << 10
    /// What has so many is not copied to: of a piece that much is resident, and a few lines more.
    static let fullBytes = 256 << 10

    /// Whole lines each, none of them empty.
    private(set) var pieces: [Piece] = []
    /// Where files begin, in order; a log of one file has none.
    private(set) var starts: [FileStart] = []
    /// How many bytes it holds.
    private(set) var byteCount = 0

    /// Whether there is nothing to write.
    var isEmpty: Bool { byteCount == 0 }

    /// How many lines it holds.
    var lineCount: Int { pieces.reduce(0) { $0 + $1.bytes.withBytes(newlines) } }

    /// Takes whole lines, and leaves empty memory in their place.
    mutating func take(_ lines: inout ByteMemory, _ spare: inout SparePieces) {
        let count = lines.count
        guard count > 0 else { return }
        byteCount += count
        // A few that come again and again while nobody writes are not to keep a piece each.
        if count <= Self.copiedBytes, let last = pieces.last, last.bytes.count < Self.fullBytes,
            last.bytes.capacity - last.bytes.count >= count
        {
            lines.withBytes { last.bytes.append($0) }
            lines.removeAll()
            return
        }
        let piece = spare.take()
        swap(&piece.bytes, &lines)
        pieces.append(piece)
    }

    /// Begins a file with its first lines, at least one.
    mutating func begin(_ start: FileStart, with head: [UInt8], _ spare: inout SparePieces) {
        var start = start
        start.piece = pieces.count
        start.headCount = head.count
        starts.append(start)
        byteCount += head.count
        let piece = spare.take()
        piece.bytes.append(head.span)
        pieces.append(piece)
    }

    /// Puts what another batch has after its first `count` bytes before everything; that other one begins no file.
    mutating func prepend(_ other: Batch, after count: Int) {
        var left = count
        var rest: [Piece] = []
        for piece in other.pieces {
            if left < piece.bytes.count {
                rest.append(
                    Piece(piece.bytes.withBytes { ByteMemory(copying: $0.extracting(droppingFirst: left)) }))
            }
            left = max(0, left - piece.bytes.count)
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

/// Memory with lines: an object, because an array has only what can be copied.
///
/// One batch or store has it at a time, which whoever has that has alone.
final class Piece {
    /// Whole lines.
    var bytes: ByteMemory

    init(_ bytes: consuming ByteMemory = ByteMemory()) { self.bytes = bytes }
}

/// Memory for lines that is not in use.
struct SparePieces {
    /// As much as a burst takes, 16 MiB of lines; while nothing happens, ``idleLimit``.
    ///
    /// Who is stopped and finds a full ring makes six times as much: that is given back, for whatever else is on the machine.
    static let limit = 64
    /// Pieces that are kept in any case.
    static let idleLimit = 2

    private var pieces: [Piece] = []

    /// Whether more is kept than is needed while nothing happens.
    var isLarge: Bool { pieces.count > Self.idleLimit }

    /// An empty piece; the one that was in use last comes first, as its memory is resident.
    mutating func take() -> Piece { pieces.popLast() ?? Piece() }

    /// Keeps a piece for its memory, if that is of the usual size and not too much is kept.
    mutating func put(_ piece: Piece) {
        let usual = ByteMemory.exchangedCapacity
        guard pieces.count < Self.limit, piece.bytes.capacity >= usual, piece.bytes.capacity < 2 * usual else { return }
        piece.bytes.removeAll()
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
