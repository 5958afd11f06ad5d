internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ShipSettings
internal import Synchronization

/// A connection that bytes are sent on and none are expected back.
final class SyslogConnection: Sendable {
    private let channel: any Channel
    private let state: SyslogConnectionState
    private let answerTimeout: Duration
    /// Whether nothing was sent yet.
    private let isNew = Mutex(true)

    /// Bytes that the other end's TCP had not confirmed when that was last looked at.
    private let unconfirmed = Mutex(0)

    /// What is written at once.
    ///
    /// When its buffer is full the kernel takes more as soon as a third of it is free, which has room for all of a piece:
    /// while a piece waits, what is unconfirmed only becomes less.
    private static let pieceLength = 16 << 10
    /// How long a new connection is looked at before its first batch counts: a server that refuses a client's
    /// certificate (TLS 1.3) or its address says so when the connection has been up for a while.
    private static let probation = Duration.seconds(1)

    /// Connects; with TLS, shakes hands.
    init(_ destination: DestinationSettings, _ tls: NIOSSLContext?) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let state = SyslogConnectionState(loop.makePromise())
        let isAddress = (try? SocketAddress(ipAddress: destination.host, port: 0)) != nil
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(destination.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        // An address is compared with the certificate by the handler itself.
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : destination.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(SyslogHandler(state, awaitsTLS: tls != nil))
                }
            }
        (self.state, answerTimeout) = (state, destination.answerTimeout)
        do {
            channel = try await bootstrap.connect(host: destination.host, port: Int(destination.port)).get()
        } catch {
            state.fail(error)
            throw error
        }
        try await within(
            destination.connectTimeout, or: ChannelError.connectTimeout(TimeAmount(destination.connectTimeout))
        ) {
            try await state.isReady.futureResult.get()
        }
    }

    /// Whether neither side has closed it.
    var isOpen: Bool {
        get async {
            // Whatever has come in by now is looked at before.
            (try? await channel.eventLoop.submit { [state, channel] in channel.isActive && state.failure == nil }.get())
                ?? false
        }
    }

    /// Whether nothing that was sent has counted yet.
    var isUnused: Bool { isNew.withLock { $0 } }

    /// Sends bytes, and waits until the other end's TCP has confirmed them all.
    ///
    /// - Throws: where that fails, where it makes no progress for as long as an answer may take, or where the other end
    ///   has closed the connection meanwhile.
    func send(_ bytes: [UInt8]) async throws {
        for start in stride(from: 0, to: bytes.count, by: Self.pieceLength) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + Self.pieceLength, bytes.count)])
            // Over a slow link a third of the buffer takes longer than an answer may.
            try await within(answerTimeout, or: SyslogStalled(), unless: hasProgressed) {
                try await channel.eventLoop.flatSubmit { [self] in
                    let isWritten = channel.writeAndFlush(piece)
                    _ = hasProgressed()
                    return isWritten
                }.get()
            }
        }
        try await drain()
        if isUnused { try await Task.sleep(for: Self.probation) }
        guard await isOpen else { throw state.failure ?? ChannelError.eof }
        isNew.withLock { $0 = false }
    }

    /// Whether the other end's TCP has confirmed bytes since this was last asked; on the event loop only.
    @Sendable private func hasProgressed() -> Bool {
        guard let now = try? channel.unconfirmedBytes else { return false }
        return unconfirmed.withLock { last in
            defer { last = now }
            return now < last
        }
    }

    /// Waits until nothing that was written is unconfirmed.
    private func drain() async throws {
        var least = Int.max
        var end = ContinuousClock.now + answerTimeout
        var pause = Duration.microseconds(200)
        while true {
            let waiting = try await channel.eventLoop.submit { [channel] in try channel.unconfirmedBytes }.get()
            if waiting == 0 { return }
            if let failure = state.failure { throw failure }
            if waiting < least {
                least = waiting
                end = .now + answerTimeout
            }
            guard .now < end else { throw SyslogStalled() }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(20))
        }
    }

    /// Closes it; what was sent is not lost by that.
    func close() async { try? await channel.close().get() }

    /// Closes it without a word.
    func abandon() { channel.close(promise: nil) }

    /// Does what ends early when the connection is closed, and closes it when that takes too long.
    ///
    /// - Parameter goesOn: when the time is over, whether it begins anew; asked on the event loop.
    private func within(
        _ limit: Duration, or late: some Error, unless goesOn: @escaping @Sendable () -> Bool = { false },
        _ body: () async throws -> Void
    ) async throws {
        let timer = channel.eventLoop.scheduleRepeatedTask(
            initialDelay: TimeAmount(limit), delay: TimeAmount(limit)
        ) { [state, channel] timer in
            if goesOn() { return }
            timer.cancel()
            state.fail(late)
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await body()
            } onCancel: {
                state.fail(CancellationError())
                channel.close(promise: nil)
            }
        } catch {
            throw state.failure ?? error
        }
    }
}

/// The other end confirms nothing any more.
struct SyslogStalled: Error {}

extension Channel {
    /// Bytes that the other end's TCP has not confirmed, SIOCOUTQ of tcp(7); on the event loop only.
    fileprivate var unconfirmedBytes: Int {
        get throws {
            guard isActive else { throw ChannelError.ioOnClosedChannel }
            let count = try pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
                var count: CInt = 0
                // The descriptor is open within this closure; an int is what this request writes.
                guard unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else {
                    throw IOError(errnoCode: errno, reason: "ioctl(SIOCOUTQ)")
                }
                return Int(count)
            }
            return count ?? 0
        }
    }
}
