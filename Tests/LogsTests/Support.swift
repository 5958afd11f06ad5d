import Bytes
import Foundation

@testable import Logs

extension LogWriter {
    /// Appends a copy of whole lines.
    @discardableResult
    func append(_ lines: [UInt8]) -> Bool {
        var memory = ByteMemory(copying: lines.span)
        return append(&memory)
    }
}

extension ByteMemory {
    /// A copy of what it holds.
    borrowing func copy() -> [UInt8] { withBytes { Array(copying: $0) } }
}

extension Array where Element == UInt8 {
    /// Makes an array of the bytes of a span.
    init(copying span: Span<UInt8>) { self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) } }
}

/// A folder that is removed when the test lets go of it.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "tattle-logs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// A pipe, and a `LogFile` on its writing end by way of /proc.
struct TestPipe {
    let reader: FileHandle
    let writer: FileHandle

    init() {
        let pipe = Pipe()
        reader = pipe.fileHandleForReading
        writer = pipe.fileHandleForWriting
        // F_SETPIPE_SZ: one page.
        _ = fcntl(writer.fileDescriptor, 1031, Int32(4096))
    }

    /// Opens the writing end; the pipe's own is closed, so that the reader sees the end.
    func open() throws -> LogFile {
        let file = try LogFile.open("/proc/self/fd/\(writer.fileDescriptor)")
        try writer.close()
        return file
    }
}

/// Lines of different lengths with their number in front.
func lines(_ range: Range<Int>, padding: Int = 40) -> [UInt8] {
    var result: [UInt8] = []
    for number in range {
        result +=
            Array("\(number) ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: number % max(padding, 1)) + [10]
    }
    return result
}

/// Whether a descriptor becomes readable within so many milliseconds.
func isReadable(_ descriptor: Int32, within milliseconds: Int32 = 0) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // One entry that lives through the call.
    return unsafe poll(&entry, 1, milliseconds) == 1
}

func contents(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path)))
}

/// A value that several threads change.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func with<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.withLock { body(&value) }
    }
}
