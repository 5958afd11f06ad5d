internal import Delivery
internal import Glibc
internal import Preparing

/// The file of one destination's dead letters: NDJSON with the reason, the destination, and the record as a text.
actor DeadLetterFile: DeadLetterBox {
    private let executor: QueueExecutor
    private let path: String
    private let destination: String
    private let now: @Sendable () -> Int64

    /// A longer file takes nothing more: somebody has to look at it.
    private static let longest: off_t = 1 << 30

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Names one; it is made with the first letter.
    init(path: String, destination: String, now: @escaping @Sendable () -> Int64) {
        executor = QueueExecutor("dead letters of \(destination)")
        (self.path, self.destination, self.now) = (path, destination, now)
    }

    func keep(_ letters: [DeadLetter]) async -> String? {
        // Whoever has looked at it moves it away: it is opened each time.
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return problem(errno) }
        defer { close(descriptor) }
        let torn = cutTornLine(of: descriptor)
        guard torn == 0 else { return problem(torn) }
        let start = lseek(descriptor, 0, SEEK_END)
        guard start < Self.longest else {
            return "the dead letters in '\(path)' have \(start >> 20) MiB: look at them, and move them away"
        }
        var bytes: [UInt8] = []
        for letter in letters {
            let record = String(decoding: letter.record, as: UTF8.self)
            bytes +=
                "{\"time\":\(now()),\"destination\":\(jsonText(destination)),\"reason\":\(jsonText(letter.reason)),"
                .utf8
            bytes += "\"record\":\(jsonText(record))}\n".utf8
        }
        var code = writeAll(bytes, to: descriptor)
        if code == 0, fdatasync(descriptor) != 0 { code = errno }
        guard code != 0 else { return nil }
        ftruncate(descriptor, start)
        return problem(code)
    }

    private func problem(_ code: Int32) -> String {
        "cannot keep dead letters in '\(path)': \(writingFailure(code)); delivery waits for it"
    }
}
