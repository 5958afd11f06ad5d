internal import AsyncHTTPClient
internal import Compression
internal import Delivery
internal import Formats
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import ShipSettings
internal import Synchronization

/// Of zlib's levels the one up to which more costs next to nothing: half the time of its default, a third more bytes.
private let gzipLevel: Int32 = 3

/// Delivers batches with HTTP requests, one for each.
///
/// Everything that comes back is bounded: the header by SwiftNIO, the body by the format, both by time. Redirects are not
/// followed: a request carries a secret, and records.
final class HTTPReceiver<Format: HTTPFormat>: Receiver {
    let name: String
    let limits: BatchLimits
    let mayRefuse = true
    let destination: DestinationSettings
    let format: Format
    /// Splunk: whether the last batch was acknowledged by its indexer.
    let hasAcknowledgement = Mutex(false)
    private let secrets: Secrets
    private let configuration: HTTPClient.Configuration
    /// Made for the first request: one that is made has to be shut down.
    private let client = Mutex<HTTPClient?>(nil)
    private let origin: String
    private let fields: HTTPHeaders

    init(_ destination: DestinationSettings, _ tls: TLSConfiguration?, _ format: Format) {
        (name, limits) = (destination.name, destination.limits)
        (self.destination, self.format) = (destination, format)
        secrets = Secrets(destination.credentials)
        let host = destination.host.contains(":") ? "[\(destination.host)]" : destination.host
        origin = "\(destination.transport == .tls ? "https" : "http")://\(host):\(destination.port)"
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(destination.connectTimeout), read: TimeAmount(destination.answerTimeout)))
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        // When to try again is for whoever delivers to decide.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        self.configuration = configuration
        var fields = HTTPHeaders([("User-Agent", "tattle-ship"), ("Content-Type", format.contentType)])
        for field in format.fields { fields.replaceOrAdd(name: field.name, value: field.value) }
        if let credentials = Self.authorization(destination) {
            fields.replaceOrAdd(name: "Authorization", value: credentials)
        }
        self.fields = fields
    }

    private static func authorization(_ destination: DestinationSettings) -> String? {
        switch destination.credentials {
        case .none: nil
        case .basic(let user, let password): "Basic \(base64(Array("\(user):\(password.revealed)".utf8)))"
        case .token(let token): "\(destination.kind == .splunk ? "Splunk" : "Bearer") \(token.revealed)"
        case .apiKey(let key): "ApiKey \(key.revealed)"
        }
    }

    func deliver(_ batch: Batch) async -> DeliveryResult { await load(batch)() }

    func load(_ batch: Batch) async -> DeliveryTry {
        let shipment = Shipment(batch, withAttributes: format.wantsAttributes)
        guard !shipment.records.isEmpty else { return { shipment.acknowledged() } }
        let request = request(format.target(for: shipment), format.body(shipment))
        return { await self.deliver(shipment, request) }
    }

    private func deliver(_ shipment: Shipment, _ request: HTTPClientRequest) async -> DeliveryResult {
        if let outage = await missingAcknowledgement() { return secrets.masked(.outage(outage)) }
        let answer: HTTPAnswer
        do throws(Outage.Failure) {
            answer = try await execute(request, longest: format.longestAnswer(to: shipment))
        } catch {
            return secrets.masked(.outage(error.outage))
        }
        switch format.result(of: answer, to: shipment) {
        case .result(let result):
            hasAcknowledgement.withLock { $0 = false }
            return secrets.masked(result)
        case .pending(let acknowledgement):
            let result = await indexed(acknowledgement, shipment)
            hasAcknowledgement.withLock { if case .acknowledged = result { $0 = true } else { $0 = false } }
            return secrets.masked(result)
        }
    }

    func close() async {
        let client = client.withLock { client in
            defer { client = nil }
            return client
        }
        try? await client?.shutdown()
    }

    func request(_ target: String, _ body: [UInt8]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: origin + target)
        request.method = .POST
        request.headers = fields
        // Without memory for it, as it is: receivers take both.
        if destination.isCompressed, let compressed = try? compressed(body) {
            request.headers.add(name: "Content-Encoding", value: "gzip")
            request.body = .bytes(ByteBuffer(bytes: compressed))
        } else {
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    func execute(_ request: HTTPClientRequest, longest: Int) async throws(Outage.Failure) -> HTTPAnswer {
        let client = client.withLock { client in
            if let client { return client }
            let made = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
            client = made
            return made
        }
        do {
            let deadline = NIODeadline.now() + TimeAmount(destination.connectTimeout + destination.answerTimeout)
            let response = try await client.execute(request, deadline: deadline)
            return HTTPAnswer(
                status: Int(response.status.code), body: try await read(response, longest: longest, until: deadline),
                retryAfter: response.headers.first(name: "Retry-After").flatMap {
                    RetryAfter.delay($0, now: Int64(time(nil)))
                },
                location: response.headers.first(name: "Location").flatMap(OriginText.origin),
                isEncrypted: destination.transport == .tls)
        } catch let failure as Outage.Failure {
            throw failure
        } catch {
            throw Outage.Failure(outage: Outage(error, destination))
        }
    }

    private func read(
        _ response: HTTPClientResponse, longest: Int, until deadline: NIODeadline
    ) async throws -> [UInt8] {
        var body: [UInt8] = []
        for try await part in response.body {
            body += part.readableBytesView
            guard body.count <= longest else {
                throw Outage.Failure(
                    outage: Outage(
                        .passing,
                        "answers \(response.status.code) with more than \(longest) bytes, which is no answer to records; "
                            + "is the kind of receiver right?"))
            }
            guard NIODeadline.now() < deadline else { throw HTTPClientError.deadlineExceeded }
        }
        return body
    }

    private func compressed(_ body: [UInt8]) throws -> [UInt8] {
        let compressor = try Compressor(.gzip, level: gzipLevel)
        var result: [UInt8] = []
        result.reserveCapacity(body.count / 6)
        try compressor.compress(body, count: body.count, into: &result)
        try compressor.finish(into: &result)
        return result
    }
}
