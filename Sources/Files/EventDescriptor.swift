internal import CLinux
internal import Glibc

/// An eventfd: one thread posts, another one finds it readable, or waits for it.
final class EventDescriptor: Sendable {
    /// Readable after `post`, until `clear`.
    let descriptor: Int32

    /// Makes one that closes on exec.
    /// - Parameter isWaiting: whether `clear` waits for a post.
    /// - Throws: `FilesError` when there is no descriptor to be had.
    init(isWaiting: Bool) throws(FilesError) {
        descriptor = tattle_eventfd_create(isWaiting)
        if descriptor < 0 { throw FilesError(.notify, code: errno) }
    }

    deinit { close(descriptor) }

    /// Makes it readable.
    func post() { tattle_eventfd_post(descriptor) }

    /// Makes it unreadable.
    func clear() { tattle_eventfd_clear(descriptor) }
}
