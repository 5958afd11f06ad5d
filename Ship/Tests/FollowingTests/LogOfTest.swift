import Compression
import Following
import Glibc
import Logs

/// A folder with a log that the test writes, as tattle would.
final class LogOfTest {
    let path: String
    /// Every record that was written, in order.
    private(set) var written: [String] = []
    private(set) var file = LogFileName(unixNanoseconds: 1_767_225_600_000_000_000, sequence: 0)
    private(set) var sequence: UInt64 = 0
    private var run = 0

    init() {
        var template = Array("/tmp/tattle-following-XXXXXX".utf8CString)
        // Rewrites the template in place.
        _ = unsafe mkdtemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        begin(cause: "start")
    }

    deinit {
        for name in names() { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    func names() -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") || name.hasSuffix(".tmp") { names.append(name) }
        }
        return names.sorted()
    }

    private func begin(cause: String) {
        line("tracing_started", "\"file\":{\"sequence\":\(file.sequence),\"cause\":\"\(cause)\"}")
    }

    private func line(_ action: String, _ more: String) {
        let second = sequence % 60
        append(
            "{\"@timestamp\":\"2026-01-01T00:00:\(second < 10 ? "0" : "")\(second).000000000Z\",\"event\":{\"action\":\"\(action)\","
                + "\"id\":\"\(run)-\(sequence)\",\"sequence\":\(sequence)},\"agent\":{\"ephemeral_id\":\"run-\(run)\"},"
                + "\"tattle\":{\(more)}}")
        sequence += 1
    }

    /// A record.
    func write(_ count: Int = 1) { for _ in 0..<count { line("connection_attempted", "\"via\":\"syscall\"") } }

    /// The next file of the run.
    func rotate(cause: String = "size") {
        file = LogFileName(unixNanoseconds: file.unixNanoseconds + 1_000_000_000, sequence: file.sequence + 1)
        begin(cause: cause)
    }

    /// The next file of the run, which begins with something else than its first line.
    func beginFile(with text: String) {
        file = LogFileName(unixNanoseconds: file.unixNanoseconds + 1_000_000_000, sequence: file.sequence + 1)
        appendRaw(text)
    }

    /// The file was removed: the next one's first line is newer than the records that waited.
    func replace(waiting count: UInt64) {
        let waiting = sequence
        file = LogFileName(unixNanoseconds: file.unixNanoseconds + 1_000_000_000, sequence: file.sequence + 1)
        sequence = waiting + count
        begin(cause: "replaced")
        sequence = waiting
        write(Int(count))
        sequence += 1
    }

    /// Another run, in a file of its own.
    ///
    /// - Parameters:
    ///   - isStopped: whether the one before says that it ends.
    ///   - isDeathTold: whether the new one tells of the one before that it ended without a word.
    func restart(saying isStopped: Bool = false, telling isDeathTold: Bool = false) {
        let dead = "\"run\":{\"id\":\"run-\(run)\",\"last_sequence\":\(sequence - 1)}"
        if isStopped { line("tracing_stopped", "\"reason\":\"signal\"") }
        run += 1
        sequence = 0
        file = LogFileName(unixNanoseconds: file.unixNanoseconds + 1_000_000_000, sequence: 0)
        begin(cause: "start")
        if isDeathTold { line("events_lost", "\"lost\":{\"cause\":\"previous_run_died\",\"count\":0,\(dead)}") }
    }

    /// The position behind so many records of what is there.
    func position(behind count: Int) throws -> LogPosition? {
        let follower = LogFollower(folder: path, position: nil)
        guard count > 0, let passage = try follower.next(PassageLimits(records: count, bytes: 1 << 20)) else {
            return nil
        }
        return passage.end
    }

    private func append(_ text: String) {
        written.append(text)
        appendRaw("\(text)\n")
    }

    /// Bytes as they are, at the end of the newest file.
    func appendRaw(_ text: String) {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open("\(path)/\(file)", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        // Reads bytes.count bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        precondition(count == bytes.count)
    }

    /// Takes so many bytes away at the end of the newest file.
    func cut(_ count: Int) {
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open("\(path)/\(file)", O_RDWR)
        defer { close(descriptor) }
        precondition(ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - off_t(count)) == 0)
    }

    /// Gives the folder and the newest file a time, as if the clock had been set.
    func setTimes(_ seconds: Int) {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        for path in [path, "\(path)/\(file)"] {
            // Reads both times; the path is a NUL-terminated copy that lives through the call.
            unsafe utimensat(AT_FDCWD, path, times, 0)
        }
    }

    func remove(_ name: LogFileName) { unsafe unlink("\(path)/\(name)") }

    /// Compresses a file as tattle does; `isDamaged`: half of it is missing.
    func compress(_ name: LogFileName, _ method: CompressionMethod, isDamaged: Bool = false) throws {
        let bytes = content(of: name)
        var packed: [UInt8] = []
        let compressor = try Compressor(method)
        try compressor.compress(bytes, count: bytes.count, into: &packed)
        try compressor.finish(into: &packed)
        if isDamaged { packed.removeLast(packed.count / 2) }
        var compressed = name
        compressed.compression = method
        let descriptor = unsafe open("\(path)/\(compressed)", O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        // Reads packed.count bytes.
        let count = unsafe packed.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        precondition(count == packed.count)
        remove(name)
    }

    private func content(of name: LogFileName) -> [UInt8] {
        let descriptor = unsafe open("\(path)/\(name)", O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        // Writes at most bytes.count bytes.
        _ = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        return bytes
    }
}
