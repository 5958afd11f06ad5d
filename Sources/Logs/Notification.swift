import Glibc

/// A descriptor that becomes readable when there is something to look at: a pipe's reading end.
final class Notification: Sendable {
    /// Readable after `post`, until `acknowledge`.
    ///
    /// For epoll.
    let descriptor: Int32
    private let writingEnd: Int32

    /// Makes a pipe; both ends close on exec and never block.
    /// - Returns: nil when there is none to be had; errno says why.
    init?() {
        var ends: [Int32] = [-1, -1]
        // Room for two descriptors, as pipe wants.
        guard unsafe ends.withUnsafeMutableBufferPointer({ unsafe pipe($0.baseAddress) }) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writingEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(writingEnd)
    }

    /// Makes the descriptor readable.
    ///
    /// A full pipe is readable already.
    func post() {
        var byte: UInt8 = 1
        // One byte from a variable that lives through the call.
        _ = unsafe write(writingEnd, &byte, 1)
    }

    /// Reads it empty.
    func acknowledge() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe bytes.withUnsafeMutableBytes({ unsafe read(descriptor, $0.baseAddress, $0.count) }) > 0 {}
    }
}
