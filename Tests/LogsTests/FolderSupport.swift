import Foundation
import Testing

@testable import Logs

/// A log's folder, and what a test wants to know of it.
struct TestLog {
    let folder: Folder
    var path: String { folder.file("log") }

    init() throws { folder = try Folder() }

    /// The names in it, in order.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// The contents of the files, the oldest first.
    func files() throws -> [[UInt8]] { try names().map { try contents(path + "/" + $0) } }

    /// Starts a writer and begins its first file.
    func start(
        limit: Int = 64 << 20, durability: Durability = .never, archive: ArchivePolicy = .init(),
        calls: FolderCalls = FolderCalls()
    ) throws -> LogWriter {
        let writer = try LogWriter(
            folder: try LogFolder(path: path), options: .init(durability: durability, archive: archive), limit: limit,
            calls: calls, patience: 10_000_000)
        begin(0, writer)
        return writer
    }

    /// Begins a file.
    func begin(_ sequence: UInt64, _ writer: LogWriter) {
        writer.beginFile(
            sequence: sequence, unixNanoseconds: 1_000_000_000 * (sequence + 1), head: head(sequence))
    }

    /// The first line of a file.
    func head(_ sequence: UInt64) -> [UInt8] { Array("file \(sequence)\n".utf8) }
}

/// Gives a writer the files that it asks for, as whoever appends would, until `isDone`.
///
/// - Returns: how many it asked for.
func replaceFiles(of writer: LogWriter, from sequence: UInt64, until isDone: () -> Bool) -> UInt64 {
    var next = sequence
    let deadline = ContinuousClock.now + .seconds(60)
    while !isDone(), ContinuousClock.now < deadline {
        _ = isReadable(writer.notificationDescriptor, within: 20)
        writer.acknowledge()
        guard writer.isFileNeeded else { continue }
        writer.replaceFile(sequence: next, unixNanoseconds: 0, head: Array("file \(next)\n".utf8))
        next += 1
    }
    return next - sequence
}

/// Waits until something holds; a minute at the most.
func waitUntil(_ comment: Comment, _ isTrue: () throws -> Bool) throws {
    for _ in 0..<6000 {
        if try isTrue() { return }
        usleep(10_000)
    }
    Issue.record("never: \(comment)")
}
