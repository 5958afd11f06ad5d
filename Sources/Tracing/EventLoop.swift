internal import CLinux
internal import Glibc

/// What the run waits for: epoll over the ring, signals, a timer and the log's writer.
final class EventLoop {
    enum Source: UInt64 {
        case ring = 1
        case signal
        case timer
        case log
        case outputClosed
        case verdicts
        case inventory
        case arguments
    }

    private let epoll: Int32
    private let signals: Int32
    private let timer: Int32
    private var armedAt: UInt64?
    private var paused: Set<Source> = []

    /// Blocks the signals that it reads from now on, in this thread and those it starts later.
    ///
    /// - Parameter readsHangup: whether SIGHUP is read even where it was ignored.
    init(readsHangup: Bool) throws(TracingError) {
        signal(SIGPIPE, SIG_IGN)
        // Ignored by whoever started us, the end of the command would never be told.
        signal(SIGCHLD, SIG_DFL)
        // nohup(1) ignores SIGHUP: a signalfd would bring it all the same. To a log in a folder it does not mean the end.
        let wanted = [SIGINT, SIGTERM, SIGCHLD] + (Self.isIgnored(SIGHUP) && !readsHangup ? [] : [SIGHUP])
        epoll = tattle_epoll_create()
        // Reads `wanted.count` numbers.
        signals = unsafe tattle_signalfd_open(wanted, wanted.count)
        timer = tattle_timerfd_create()
        guard epoll >= 0, signals >= 0, timer >= 0 else {
            throw TracingError("cannot wait for events: \(describe(errno))", exitCode: ExitCode.unavailable)
        }
        try watch(signals, as: .signal)
        try watch(timer, as: .timer)
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        // Only reads the disposition, into `action`.
        guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    deinit {
        for descriptor in [epoll, signals, timer] where descriptor >= 0 { close(descriptor) }
    }

    /// Adds a descriptor that becomes readable.
    func watch(_ descriptor: Int32, as source: Source) throws(TracingError) {
        guard tattle_epoll_add(epoll, descriptor, source.rawValue) == 0 else {
            throw TracingError("cannot wait for events: \(describe(errno))", exitCode: ExitCode.unavailable)
        }
    }

    /// Tells when nobody reads a pipe any more; a file has no such end.
    func watchHangup(_ descriptor: Int32) {
        _ = tattle_epoll_add_hangup(epoll, descriptor, Source.outputClosed.rawValue)
    }

    /// Stops or goes on watching a descriptor.
    func setPaused(_ source: Source, _ descriptor: Int32, _ isPaused: Bool) {
        guard paused.contains(source) != isPaused else { return }
        if isPaused {
            paused.insert(source)
            _ = tattle_epoll_remove(epoll, descriptor)
        } else {
            paused.remove(source)
            _ = tattle_epoll_add(epoll, descriptor, source.rawValue)
        }
    }

    /// Waits until something happened, and says what.
    func wait() throws(TracingError) -> [Source] {
        var tokens = [UInt64](repeating: 0, count: 8)
        while true {
            // Writes at most tokens.count numbers.
            let count = unsafe tattle_epoll_wait(epoll, &tokens, Int32(tokens.count), -1)
            if count >= 0 {
                let sources = tokens.prefix(Int(count)).compactMap(Source.init)
                if sources.contains(.timer) {
                    tattle_timerfd_clear(timer)
                    armedAt = nil
                }
                return sources
            }
            guard errno == EINTR else {
                throw TracingError("cannot wait for events: \(describe(errno))", exitCode: ExitCode.unavailable)
            }
        }
    }

    /// Lets the timer go off at a time of CLOCK_BOOTTIME, nanoseconds; nil: not at all.
    func armTimer(at deadline: UInt64?) {
        guard deadline != armedAt else { return }
        armedAt = deadline
        guard let deadline else {
            _ = tattle_timerfd_arm(timer, 0)
            return
        }
        let now = SystemContext.bootNanoseconds()
        _ = tattle_timerfd_arm(timer, deadline > now ? deadline - now : 1)
    }

    /// The next signal that came, and whether the whole process group got it; nil: none.
    func nextSignal() -> (signal: Int32, isFromTerminal: Bool)? {
        var isFromTerminal = false
        // Writes one flag.
        let signal = unsafe tattle_signalfd_read(signals, &isFromTerminal)
        return signal == 0 ? nil : (signal, isFromTerminal)
    }
}
