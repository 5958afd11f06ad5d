/// What is wrong with a URL or an option, for whoever wrote it; without secrets.
struct SettingsProblem: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// The parts of what `--to` is given: `SCHEME://[USER@]HOST[:PORT][/PATH][?QUERY][#OPTIONS]`, `file:PATH`, or `-`.
///
/// Path and query go to the server, with what its kind is asked for between them. Options are tattle-ship's own and never leave it.
struct DestinationURL {
    var kind = DestinationKind.standardOutput
    var transport = DestinationTransport.none
    /// The scheme as it was written.
    var scheme = ""
    var user: String?
    var host = ""
    var port: UInt16 = 0
    /// Path and query; of a file its path.
    var path = ""
    /// In their order, decoded.
    var options: [(key: String, value: String)] = []

    private static let longest = 4096

    /// Every scheme there is.
    static let schemes: [(name: String, kind: DestinationKind, transport: DestinationTransport, port: UInt16)] = [
        ("elasticsearch+https", .elasticsearch, .tls, 9200), ("elasticsearch+http", .elasticsearch, .tcp, 9200),
        ("opensearch+https", .elasticsearch, .tls, 9200), ("opensearch+http", .elasticsearch, .tcp, 9200),
        ("splunk+https", .splunk, .tls, 8088), ("splunk+http", .splunk, .tcp, 8088),
        ("otlp+https", .otlp, .tls, 4318), ("otlp+http", .otlp, .tcp, 4318),
        ("clickhouse+https", .clickhouse, .tls, 8443), ("clickhouse+http", .clickhouse, .tcp, 8123),
        ("kafka+https", .kafka, .tls, 8082), ("kafka+http", .kafka, .tcp, 8082),
        ("https", .http, .tls, 443), ("http", .http, .tcp, 80),
        ("syslog+tls", .syslog, .tls, 6514), ("syslog+tcp", .syslog, .tcp, 601), ("syslog+udp", .syslog, .udp, 514),
    ]

    init(_ text: String) throws(SettingsProblem) {
        guard !text.isEmpty, text.utf8.count <= Self.longest, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw SettingsProblem("a URL is 1 to \(Self.longest) printable ASCII characters without spaces")
        }
        var rest = text[...]
        if let hash = rest.firstIndex(of: "#") {
            try readOptions(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if rest == "-" { return }
        guard !rest.hasPrefix("file:") else {
            (kind, scheme) = (.file, "file")
            path = try Self.decoded(rest.dropFirst(5))
            if path.hasPrefix("//") { path = String(path.dropFirst(2)) }
            guard path.hasPrefix("/"), !path.hasSuffix("/") else {
                throw SettingsProblem("file: wants a whole path, as file:/var/lib/siem/tattle.ndjson")
            }
            return
        }
        let names = Self.schemes.map(\.name).joined(separator: ", ")
        guard let end = rest.firstRange(of: "://") else {
            throw SettingsProblem("a destination is SCHEME://HOST, file:PATH or -; schemes are \(names)")
        }
        scheme = rest[..<end.lowerBound].lowercased()
        guard let known = Self.schemes.first(where: { $0.name == scheme }) else {
            // What is no scheme may be anything, also a secret.
            throw SettingsProblem("there is no such scheme; there are \(names), file: and -")
        }
        (kind, transport, port) = (known.kind, known.transport, known.port)
        rest = rest[end.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        try readAuthority(authority)
        try readPath(rest[authority.endIndex...])
    }

    private mutating func readAuthority(_ text: Substring) throws(SettingsProblem) {
        var rest = text
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            rest = rest[rest.index(after: at)...]
            guard !user.contains(":") else {
                throw SettingsProblem(
                    "a password in a URL is seen by whoever lists processes: leave it out, and say where it is with "
                        + "#password-file=PATH or #password-env=VARIABLE")
            }
            self.user = try Self.decoded(user)
        }
        var digits: Substring?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else {
                throw SettingsProblem("] is missing after the IPv6 address")
            }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                throw SettingsProblem("what stands in [] is no IPv6 address")
            }
            rest = rest[rest.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw SettingsProblem("what follows the ] of an IPv6 address is a colon and a port")
            }
            if !rest.isEmpty { digits = rest.dropFirst() }
        } else {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(parts.first ?? "")
            if parts.count == 2 { digits = parts[1] }
            guard !host.isEmpty, host.utf8.count <= 253,
                host.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_" })
            else { throw SettingsProblem("a host is a name, an IPv4 address, or an IPv6 address in []") }
        }
        guard let digits else { return }
        guard digits.allSatisfy(\.isNumber), let number = UInt16(digits), number > 0 else {
            throw SettingsProblem("a port is a number from 1 to 65535")
        }
        port = number
    }

    private mutating func readPath(_ text: Substring) throws(SettingsProblem) {
        guard kind != .syslog else {
            if !text.isEmpty, text != "/" { throw SettingsProblem("syslog has no path: \(scheme)://HOST:PORT") }
            return
        }
        path = text.hasPrefix("/") ? String(text) : "/\(text)"
        for item in path.split(separator: "?", maxSplits: 1).dropFirst().joined().split(separator: "&") {
            let key = item.prefix { $0 != "=" }.lowercased()
            let looksSecret = [
                "token", "password", "passwd", "secret", "api_key", "apikey", "api-key", "signature", "sig",
            ]
            if looksSecret.contains(where: { key == $0 || key.hasSuffix("_\($0)") || key.hasSuffix("-\($0)") }) {
                throw SettingsProblem(
                    "a secret in a URL is seen by whoever lists processes: leave it out, and say where it is with "
                        + "#token-file=PATH or #token-env=VARIABLE")
            }
        }
    }

    private mutating func readOptions(_ text: Substring) throws(SettingsProblem) {
        for item in text.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw SettingsProblem("an option behind # is KEY=VALUE, several with & between")
            }
            options.append((String(parts[0]), try Self.decoded(parts[1])))
        }
    }

    /// What remains when each `%XX` is the byte that it stands for.
    private static func decoded(_ text: Substring) throws(SettingsProblem) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.first != UInt8(ascii: "+"), value >= 0x20, value != 0x7f
            else { throw SettingsProblem("% wants two hexadecimal digits of no control character") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw SettingsProblem("this is not UTF-8") }
        return text
    }

    /// The URL for messages: no user, no query, no options.
    var masked: String {
        switch kind {
        case .standardOutput: return "-"
        case .file: return "file:\(path)"
        default: break
        }
        let name = host.contains(":") ? "[\(host)]" : host
        let plain = path.prefix { $0 != "?" }
        return "\(scheme)://\(name):\(port)\(plain == "/" ? "" : plain)"
    }
}
