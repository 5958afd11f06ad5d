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
    private let destination: DestinationSettings
    private let format: Format
    private let secrets: Secrets
    private let client: HTTPClient
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
        client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
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
        let answer: HTTPAnswer
        do throws(Outage.Failure) {
            answer = try await execute(request, longest: format.longestAnswer(to: shipment))
        } catch {
            return secrets.masked(.outage(error.outage))
        }
        switch format.result(of: answer, to: shipment) {
        case .result(let result): return secrets.masked(result)
        case .pending(let acknowledgement):
            return secrets.masked(await indexed(acknowledgement, shipment))
        }
    }

    func close() async { try? await client.shutdown() }

    /// Asks until what was taken is indexed, four times as long as an answer may take.
    private func indexed(_ acknowledgement: UInt64, _ shipment: Shipment) async -> DeliveryResult {
        guard let format = format as? HECFormat else { return shipment.acknowledged() }
        let end = ContinuousClock.now + destination.answerTimeout * 4
        var pause = Duration.milliseconds(50)
        while true {
            let (target, body) = format.question(acknowledgement)
            do {
                let answer = try await execute(request(target, body), longest: 64 << 10)
                if try format.isIndexed(answer, acknowledgement) { return shipment.acknowledged() }
                guard ContinuousClock.now + pause < end else {
                    return .outage(
                        Outage(.passing, "has not indexed what it took within \(destination.answerTimeout * 4)"))
                }
                try await Task.sleep(for: pause)
            } catch let failure as Outage.Failure {
                return .outage(failure.outage)
            } catch let failure as HECFormat.QuestionFailure {
                return .outage(failure.outage)
            } catch {
                return .outage(Outage(.passing, "stopped"))
            }
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func request(_ target: String, _ body: [UInt8]) -> HTTPClientRequest {
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

    private func execute(_ request: HTTPClientRequest, longest: Int) async throws(Outage.Failure) -> HTTPAnswer {
        do {
            let deadline = NIODeadline.now() + TimeAmount(destination.connectTimeout + destination.answerTimeout)
            let response = try await client.execute(request, deadline: deadline)
            return HTTPAnswer(
                status: Int(response.status.code), body: try await read(response, longest: longest, until: deadline),
                retryAfter: response.headers.first(name: "Retry-After").flatMap {
                    RetryAfter.delay($0, now: Int64(time(nil)))
                },
                location: response.headers.first(name: "Location").flatMap(OriginText.origin))
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

extension Outage {
    /// An outage that is thrown.
    struct Failure: Error { let outage: Outage }
}

extension TimeAmount {
    /// The same time.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// Of a URL that came from elsewhere, what may stand in a message.
enum OriginText {
    /// Scheme, host and port, without a user's name; of a path alone nil.
    static func origin(_ location: String) -> String? {
        guard let end = location.firstRange(of: "://"), location.utf8.count <= 2_048 else { return nil }
        let scheme = location[..<end.lowerBound]
        let authority = location[end.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let text = "\(scheme)://\(host)"
        return text.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? String(text.prefix(256)) : nil
    }
}
