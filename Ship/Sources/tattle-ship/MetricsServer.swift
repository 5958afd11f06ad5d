#if NETWORK
    internal import NIOCore
    internal import NIOHTTP1
    internal import NIOPosix
    internal import ServiceLifecycle
    internal import ShipSettings
    internal import Synchronization

    /// Answers Prometheus on loopback, and nobody else.
    struct MetricsServer: Service {
        private let channel: any Channel

        /// Who asks at once: Prometheus, and a person who looks.
        private static let mostConnections = 16
        /// How long one may take.
        private static let longest = TimeAmount.seconds(10)

        /// Binds the port: better now than when nobody looks any more.
        ///
        /// - Parameter text: makes the metrics.
        init(port: UInt16, text: @escaping @Sendable () -> String) throws(ShipConfigurationError) {
            let connections = Connections()
            do {
                channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            guard connections.take(channel, atMost: Self.mostConnections) else {
                                channel.close(promise: nil)
                                return
                            }
                            let timer = channel.eventLoop.scheduleTask(in: Self.longest) {
                                channel.close(promise: nil)
                            }
                            channel.closeFuture.whenComplete { _ in timer.cancel() }
                            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                            try channel.pipeline.syncOperations.addHandler(MetricsHandler(text))
                        }
                    }
                    .bind(host: "127.0.0.1", port: Int(port)).wait()
            } catch {
                throw ShipConfigurationError(
                    "--metrics-port \(port): cannot listen on 127.0.0.1: \(error)", exitCode: ShipExitCode.cannotCreate)
            }
        }

        func run() async throws {
            await cancelWhenGracefulShutdown {
                try? await Task.sleep(for: .seconds(100_000_000))
            }
            try? await channel.close()
        }
    }

    /// How many are open.
    private final class Connections: Sendable {
        private let count = Atomic(0)

        /// Counts one until it is closed; false: there are enough.
        func take(_ channel: any Channel, atMost limit: Int) -> Bool {
            let isOneMore = count.add(1, ordering: .relaxed).newValue > limit
            channel.closeFuture.whenComplete { _ in self.count.subtract(1, ordering: .relaxed) }
            return !isOneMore
        }
    }

    /// Answers one connection: GET /metrics, and no other thing.
    private final class MetricsHandler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let text: @Sendable () -> String
        private var isKnown = false
        /// A request has no body worth reading: what is longer ends the connection.
        private var bodyBytes = 0

        init(_ text: @escaping @Sendable () -> String) { self.text = text }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                isKnown = head.method == .GET && (head.uri == "/metrics" || head.uri.hasPrefix("/metrics?"))
            case .body(let body):
                bodyBytes += body.readableBytes
                if bodyBytes > 1024 { context.close(promise: nil) }
            case .end: answer(context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func answer(_ context: ChannelHandlerContext) {
            let body = context.channel.allocator.buffer(string: isKnown ? text() : "GET /metrics\n")
            let head = HTTPResponseHead(
                version: .http1_1, status: isKnown ? .ok : .notFound,
                headers: [
                    "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
                    "Content-Length": "\(body.readableBytes)", "Connection": "close",
                ])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
            let channel = context.channel
            end.whenComplete { _ in channel.close(promise: nil) }
        }
    }
#endif
