internal import CLinux
internal import Glibc

/// What the run waits for: epoll over the ring, signals, a timer and the log's writer.
final class EventLoop {
    /// What something happened to: one bit each.
    struct Sources: OptionSet {
        let rawValue: UInt64

        static let ring = Sources(rawValue: 1 << 0)
        static let signal = Sources(rawValue: 1 << 1)
        static let timer = Sources(rawValue: 1 << 2)
        static let log = Sources(rawValue: 1 << 3)
        static let outputClosed = Sources(rawValue: 1 << 4)
        static let verdicts = Sources(rawValue: 1 << 5)
        static let inventory = Sources(rawValue: 1 << 6)
        static let arguments = Sources(rawValue: 1 << 7)
    }

    /// Over everything.
    private let epoll: Int32
    /// Over everything but the ring, for while it is left alone.
    private let others: Int32
    private let signals: Int32
    private let timer: Int32
    private var armedAt: UInt64?
    private var paused: Sources = []

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
        others = tattle_epoll_create()
        // Reads `wanted.count` numbers.
        signals = unsafe tattle_signalfd_open(wanted, wanted.count)
        timer = tattle_timerfd_create()
        guard epoll >= 0, others >= 0, signals >= 0, timer >= 0 else {
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
        for descriptor in [epoll, others, signals, timer] where descriptor >= 0 { close(descriptor) }
    }

    /// Adds a descriptor that becomes readable.
    func watch(_ descriptor: Int32, as source: Sources) throws(TracingError) {
        guard instances(of: source).allSatisfy({ tattle_epoll_add($0, descriptor, source.rawValue) == 0 }) else {
            throw TracingError("cannot wait for events: \(describe(errno))", exitCode: ExitCode.unavailable)
        }
    }

    private func instances(of source: Sources) -> [Int32] { source == .ring ? [epoll] : [epoll, others] }

    /// Tells when nobody reads a pipe any more; a file has no such end.
    func watchHangup(_ descriptor: Int32) {
        for instance in instances(of: .outputClosed) {
            _ = tattle_epoll_add_hangup(instance, descriptor, Sources.outputClosed.rawValue)
        }
    }

    /// Stops or goes on watching a descriptor.
    func setPaused(_ source: Sources, _ descriptor: Int32, _ isPaused: Bool) {
        guard paused.contains(source) != isPaused else { return }
        paused.formSymmetricDifference(source)
        for instance in instances(of: source) {
            _ =
                isPaused
                ? tattle_epoll_remove(instance, descriptor)
                : tattle_epoll_add(instance, descriptor, source.rawValue)
        }
    }

    /// Waits until something happened, and says what.
    ///
    /// - Parameter restMilliseconds: how long the ring is left alone; after that it is to be looked at, whether
    ///   something came or not. 0: it wakes this thread.
    func wait(restMilliseconds: Int32) throws(TracingError) -> Sources {
        let isResting = restMilliseconds > 0 && !paused.contains(.ring)
        var ready: UInt64 = 0
        while true {
            // Writes one number.
            let count =
                unsafe isResting
                ? tattle_epoll_wait(others, &ready, restMilliseconds) : tattle_epoll_wait(epoll, &ready, -1)
            if count >= 0 {
                let sources = Sources(rawValue: ready)
                if sources.contains(.timer) {
                    tattle_timerfd_clear(timer)
                    armedAt = nil
                }
                return isResting ? sources.union(.ring) : sources
            }
            guard errno == EINTR else {
                throw TracingError("cannot wait for events: \(describe(errno))", exitCode: ExitCode.unavailable)
            }
        }
    }

    /// Lets the timer go off at a time of CLOCK_BOOTTIME, nanoseconds; nil: nothing is due.
    ///
    /// It may go off earlier, for what has been done in the meantime: each attempt is due a second after it began, and
    /// nearly all are told of long before. Moving the timer for each would be a system call for each.
    func armTimer(at deadline: UInt64?) {
        guard let deadline, armedAt.map({ deadline < $0 }) ?? true else { return }
        armedAt = deadline
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
