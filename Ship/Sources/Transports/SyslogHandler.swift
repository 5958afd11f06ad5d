internal import NIOCore
internal import NIOTLS
internal import Synchronization

/// What became of a connection.
final class SyslogConnectionState: Sendable {
    /// Kept when bytes may be sent.
    let isReady: EventLoopPromise<Void>
    private let first = Mutex<(any Error)?>(nil)

    init(_ isReady: EventLoopPromise<Void>) { self.isReady = isReady }

    /// The first thing that went wrong; nil: nothing.
    var failure: (any Error)? { first.withLock { $0 } }

    /// Keeps the first; what follows from it tells less.
    func fail(_ error: any Error) {
        first.withLock { $0 = $0 ?? error }
        isReady.fail(error)
    }
}

/// Notices when a connection is up, and when it is no more; what comes in is dropped.
final class SyslogHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let state: SyslogConnectionState
    private let awaitsTLS: Bool

    init(_ state: SyslogConnectionState, awaitsTLS: Bool) { (self.state, self.awaitsTLS) = (state, awaitsTLS) }

    func channelActive(context: ChannelHandlerContext) {
        if !awaitsTLS { state.isReady.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(_) = event { state.isReady.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        state.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
