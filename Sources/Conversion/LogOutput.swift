internal import Glibc
public import Records

/// The standard output, whole buffers at a time.
public struct LogOutput: ~Copyable {
    /// Why it takes no more: nobody reads it (EPIPE), or this errno.
    public struct Closed: Error, Sendable {
        /// The errno.
        public let code: Int32
        /// Whether nobody reads any more, which is no fault.
        public var isUnread: Bool { code == EPIPE }
    }

    /// What was not written yet; what is appended goes out with the next ``flush()``.
    public var buffer = LineBuffer()
    private let descriptor: Int32

    /// Writes to a descriptor, which stays open.
    public init(descriptor: Int32 = 1) { self.descriptor = descriptor }

    /// Writes, if enough has come together for it to be worth a system call.
    public mutating func flushIfFull() throws(Closed) {
        if buffer.count >= 128 << 10 { try flush() }
    }

    /// Writes everything.
    public mutating func flush() throws(Closed) {
        let bytes = buffer.copy()
        buffer.removeAll()
        try write(bytes)
    }

    /// Writes a text, after what is in the buffer.
    public mutating func write(_ text: String) throws(Closed) {
        try flush()
        try write(Array(text.utf8))
    }

    private func write(_ bytes: [UInt8]) throws(Closed) {
        var start = 0
        while start < bytes.count {
            // Reads at most the bytes from `start` on.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Closed(code: errno) }
            start += count
        }
    }
}
