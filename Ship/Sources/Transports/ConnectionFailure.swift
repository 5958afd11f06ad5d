internal import AsyncHTTPClient
internal import Delivery
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import ShipSettings

extension Outage {
    /// What a failed connection means, and what is to be done.
    init(_ error: any Error, _ destination: DestinationSettings) {
        let place = "\(destination.host):\(destination.port)"
        switch error {
        case let error as NIOConnectionError:
            self = Self.connecting(error, place)
        case let error as IOError:
            let isRefusal = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT].contains(error.errnoCode)
            let what = isRefusal ? "cannot connect to \(place)" : "the connection to \(place) broke"
            self.init(.passing, "\(what): \(text(error.errnoCode))")
        case let error as NIOSSLError:
            self = Self.tls(error, place, destination)
        case let error as BoringSSLError:
            self = Self.tls(.handshakeFailed(error), place, destination)
        case is NIOSSLExtraError:
            self.init(
                .lasting,
                "the certificate of \(place) is for another name, not for \(destination.host): use the name it has, "
                    + "or have one made for this")
        case let error as HTTPClientError:
            self = Self.http(error, place, destination)
        case HTTPParserError.headerOverflow:
            self.init(.passing, "the header of the answer of \(place) is too long to be one")
        case HTTPParserError.invalidEOFState:
            self.init(.passing, "\(place) closed the connection amid its answer")
        case is HTTPParserError:
            self.init(.lasting, "what \(place) answers is not HTTP: is it the right port, and does it want TLS?")
        case ChannelError.connectTimeout:
            self.init(.passing, "no connection to \(place) within \(destination.connectTimeout)")
        case is SyslogStalled:
            self.init(.passing, "\(place) has confirmed nothing for \(destination.answerTimeout)")
        case let error as SocketAddressError.UnknownHost: self = Self.unknown(error.host)
        case is NoAddressInTime:
            self.init(
                .passing,
                "no address of \(destination.host) within \(destination.connectTimeout): does the resolver answer?")
        case is CancellationError: self.init(.passing, "stopped")
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof, ChannelError.inputClosed,
            ChannelError.outputClosed:
            self.init(.passing, "\(place) closed the connection")
        default:
            self.init(.passing, "the connection to \(place) failed: \(type(of: error))")
        }
    }

    private static func connecting(_ error: NIOConnectionError, _ place: String) -> Outage {
        if let cause = error.connectionErrors.last?.error {
            if let cause = cause as? IOError {
                return Outage(.passing, "cannot connect to \(place): \(text(cause.errnoCode))")
            }
            return Outage(.passing, "cannot connect to \(place)")
        }
        return unknown(error.host)
    }

    private static func unknown(_ host: String) -> Outage {
        Outage(.passing, "cannot find the address of \(host): check the name, and the resolver")
    }

    private static func tls(_ error: NIOSSLError, _ place: String, _ destination: DestinationSettings) -> Outage {
        guard case .handshakeFailed(let cause) = error else {
            if error == .uncleanShutdown { return Outage(.passing, "\(place) cut the encrypted connection") }
            return Outage(.passing, "TLS with \(place) failed: \(error)")
        }
        let details = "\(cause)"
        if details.contains("CERTIFICATE_VERIFY_FAILED") {
            let authorities = destination.tls.authorityFile.map { "'\($0)'" } ?? "the system's authorities"
            return Outage(
                .lasting,
                "the certificate of \(place) is not valid: it has expired, or \(authorities) did not issue it; "
                    + "`openssl s_client -connect \(place)` shows it")
        }
        if details.contains("ALERT") || details.contains("CERTIFICATE_REQUIRED") {
            let own = destination.tls.certificateFile.map { "it does not trust '\($0)'" }
            return Outage(
                .lasting,
                "\(place) refuses the TLS connection: \(own ?? "does it want a client certificate (certificate, key)?")"
                    + " \(reason(details))")
        }
        if details.contains("WRONG_VERSION_NUMBER") || details.contains("HTTP_REQUEST") {
            return Outage(.lasting, "\(place) does not speak TLS: is it the right port?")
        }
        if details.contains("UNSUPPORTED_PROTOCOL") || details.contains("PROTOCOL_VERSION") {
            return Outage(.lasting, "\(place) has no TLS 1.2 or later")
        }
        let reason = reason(details)
        return Outage(
            .passing,
            "TLS with \(place) failed"
                + (reason.isEmpty ? ": it closed the connection; does it speak TLS there?" : " \(reason)"))
    }

    /// BoringSSL's own word for it.
    private static func reason(_ details: String) -> String {
        guard let start = details.firstRange(of: "OPENSSL_internal:") else { return "" }
        return "(\(details[start.upperBound...].prefix { $0 != " " && $0 != "]" }))"
    }

    private static func http(_ error: HTTPClientError, _ place: String, _ destination: DestinationSettings) -> Outage {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            return Outage(.passing, "no answer from \(place) within \(destination.answerTimeout)")
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return Outage(.passing, "no connection to \(place) within \(destination.connectTimeout)")
        case .remoteConnectionClosed:
            return Outage(.passing, "\(place) closed the connection without an answer")
        case .cancelled, .requestStreamCancelled, .alreadyShutdown: return Outage(.passing, "stopped")
        default: return Outage(.passing, "the request to \(place) failed: \(error.shortDescription)")
        }
    }
}

/// What an errno means.
private func text(_ code: CInt) -> String {
    // strerror's text is valid until the next call on this thread.
    unsafe String(cString: strerror(code))
}
