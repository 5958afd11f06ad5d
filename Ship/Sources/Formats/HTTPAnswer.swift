public import Delivery

/// What a receiver answered over HTTP, as much of it as was read.
public struct HTTPAnswer: Sendable {
    /// Its status.
    public var status: Int
    /// The body, bounded by whoever read it.
    public var body: [UInt8]
    /// The field Retry-After, in time; nil: there is none.
    public var retryAfter: Duration?
    /// Where it redirects to: scheme, host and port alone; nil: nowhere.
    public var location: String?
    /// Whether it came by TLS.
    public var isEncrypted: Bool

    /// Makes one.
    public init(
        status: Int, body: [UInt8] = [], retryAfter: Duration? = nil, location: String? = nil, isEncrypted: Bool = false
    ) {
        (self.status, self.body, self.retryAfter) = (status, body, retryAfter)
        (self.location, self.isEncrypted) = (location, isEncrypted)
    }

    /// What came of a shipment; nil: the answer is a 2xx, which is for the format to judge.
    ///
    /// - Parameter target: what was asked for: a path, an index; a query in it is not told.
    public func failure(to shipment: Shipment, target: String) -> DeliveryResult? {
        if (200..<300).contains(status) { return nil }
        return failure(target: target) ?? refusal(of: shipment)
    }

    /// It is about the records, and does not say about which.
    func refusal(of shipment: Shipment) -> DeliveryResult {
        shipment.refused("\(status): \(Explanation.body(body) ?? "no reason")")
    }

    /// What follows from the status, whatever was sent; nil: a 2xx, or a 4xx that is about the records.
    ///
    /// - Parameter target: what was asked for: a path, an index; a query in it is not told.
    public func failure(target: String) -> DeliveryResult? {
        if (200..<300).contains(status) { return nil }
        let target = target.prefix { $0 != "?" }
        let said = Explanation.body(body).map { ": \($0)" } ?? ""
        switch status {
        case 400 where wantsTLS:
            return .lasting("wants TLS: https in place of http\(said)", retryAfter)
        case 400 where wantsCertificate:
            return .lasting(
                "does not take the client's certificate (certificate, key), or wants one\(said)", retryAfter)
        case 400, 422: return nil
        case 413: return .tooLarge
        case 401, 407:
            return .lasting("answers \(status): set a valid token or password\(said)", retryAfter)
        case 403:
            return .lasting("answers 403: the token or user may not write to \(target)\(said)", retryAfter)
        case 404, 410:
            return .lasting(
                "answers \(status): there is no \(target); create it, or correct the URL\(said)", retryAfter)
        case 405, 406, 415, 501, 505:
            return .lasting(
                "answers \(status): \(target) does not take this; is the kind of receiver right?\(said)", retryAfter)
        case 300..<400:
            let whither = location.map { " to \($0)" } ?? ""
            return .lasting(
                "answers \(status), a redirect\(whither), which is not followed: set the URL that is meant", nil)
        case 408, 421, 423, 425, 429, 500..<600: return .passing("answers \(status)\(said)", retryAfter)
        default: return .lasting("answers \(status)\(said)", retryAfter)
        }
    }

    /// Whether a server of TLS answers in plain text, for which no record is to blame: Go's, nginx, Apache.
    private var wantsTLS: Bool {
        !isEncrypted
            && [
                "Client sent an HTTP request to an HTTPS server", "The plain HTTP request was sent to HTTPS port",
                "speaking plain HTTP to an SSL-enabled server port",
            ].contains { body.firstRange(of: $0.utf8) != nil }
    }

    /// Whether it is nginx's own page about a client's certificate; a record may have these words, too.
    private var wantsCertificate: Bool {
        isEncrypted && body.starts(with: "<html>".utf8) && body.firstRange(of: "SSL certificate".utf8) != nil
    }

    /// The answer is none that this kind of receiver gives.
    func unexpected(_ wanted: String) -> DeliveryResult {
        .passing("answers \(status), but not as \(wanted) does; is the kind of receiver right?", retryAfter)
    }
}

extension DeliveryResult {
    static func passing(_ message: String, _ delay: Duration? = nil) -> Self {
        .outage(Outage(.passing, message, delay: delay))
    }

    static func lasting(_ message: String, _ delay: Duration? = nil) -> Self {
        .outage(Outage(.lasting, message, delay: delay))
    }
}
