public import Delivery

/// What speaks at the other end.
public enum DestinationKind: String, Sendable, CaseIterable {
    /// Elasticsearch and OpenSearch: `_bulk`.
    case elasticsearch
    /// Splunk's HTTP Event Collector.
    case splunk
    /// OpenTelemetry's protocol for logs over HTTP, in JSON.
    case otlp
    /// ClickHouse over HTTP.
    case clickhouse
    /// Kafka through a REST gateway.
    case kafka
    /// Lines of NDJSON in a POST.
    case http
    /// RFC 5424.
    case syslog
    /// Lines appended to a file.
    case file
    /// Lines on the standard output.
    case standardOutput
}

/// How the bytes travel.
public enum DestinationTransport: Sendable, Hashable {
    /// Unencrypted; with HTTP: `http`.
    case tcp
    /// Encrypted; with HTTP: `https`.
    case tls
    /// Datagrams, unencrypted and unacknowledged.
    case udp
    /// No network: a file, the standard output.
    case none
}

/// Who delivers, as the destination asks for it.
public enum Credentials: Sendable, Equatable {
    /// It does not ask.
    case none
    /// A user and a password: HTTP's Basic.
    case basic(user: String, password: Secret)
    /// A token: HTTP's Bearer, Splunk's own.
    case token(Secret)
    /// Elasticsearch's API key, in its encoded form.
    case apiKey(Secret)
}

/// What is asked of TLS, whose least version is 1.2.
public struct TLSSettings: Sendable, Equatable {
    /// A file of certificates in PEM that are trusted, in place of the system's; nil: the system's.
    public var authorityFile: String?
    /// The client's certificate and those between it and its authority, in PEM; there is a key then, too.
    public var certificateFile: String?
    /// The key to that, in PEM, not encrypted.
    public var keyFile: String?
    /// Whether the other end's certificate and its name are verified.
    public var isVerified = true

    /// Makes settings that trust what the system trusts.
    public init() {}
}

/// Which records go there, and as what.
public struct Selection: Sendable, Equatable {
    /// `event.action` of those that go there, each one of ``allKinds``; empty: all.
    public var kinds: [String] = []
    /// A file of rules (docs/CONFIG.md) that decide which go there; nil: all.
    public var rulesFile: String?
    /// Whether ECS is turned into OCSF.
    public var isOCSF = false
    /// Members that are added to each record, in order.
    public var fields: [StaticField] = []

    /// Every `event.action` that docs/schema/ecs.schema.json has.
    public static let allKinds = [
        "connection_attempted", "connection_resolved", "disconnect_received", "connection_existing",
        "connection_aggregated", "beacon_detected", "heartbeat", "events_lost", "records_skipped", "tracing_started",
        "tracing_stopped",
    ]

    /// Makes one that takes everything as it is.
    public init() {}
}

/// A member that every record gets on its way: where it comes from.
public struct StaticField: Sendable, Hashable {
    /// 1 to 64 letters, digits, `_` and `-`.
    public var name: String
    /// At most 256 bytes, without control characters.
    public var value: String

    /// Makes one.
    public init(name: String, value: String) { (self.name, self.value) = (name, value) }
}

/// Everything that is wanted of one destination; secrets are read, files of TLS can be opened.
public struct DestinationSettings: Sendable, Equatable {
    /// What it is called in messages, checkpoints and metrics: the URL without anything secret, or a name of its own.
    public var name: String
    /// What speaks there.
    public var kind: DestinationKind
    /// How the bytes travel.
    public var transport: DestinationTransport
    /// A name or an address, IPv6 without brackets; empty: no network.
    public var host = ""
    /// The port, never 0 with a network.
    public var port: UInt16 = 0
    /// Of HTTP: the path with the query, beginning with a slash, "/" where the URL has none; of a file: its path.
    public var path = ""
    /// Who delivers.
    public var credentials = Credentials.none
    /// What is asked of TLS, where ``transport`` is that.
    public var tls = TLSSettings()
    /// Whether bodies are compressed with gzip: by itself, but for Kafka's gateways, of which many refuse it.
    public var isCompressed: Bool
    /// Elasticsearch's index or data stream, Splunk's index; nil: the receiver's default.
    public var index: String?
    /// ClickHouse: `table` or `database.table`; nil: `tattle`.
    public var table: String?
    /// Kafka: the topic.
    public var topic: String?
    /// Splunk: the channel, a UUID; nil: one is made up and kept while the program runs.
    public var channel: String?
    /// Splunk: whether acknowledgements of the indexer are waited for.
    public var awaitsIndexer = false
    /// The longest a connection may take to come up.
    public var connectTimeout: Duration = .seconds(10)
    /// The longest that an answer may take.
    public var answerTimeout: Duration = .seconds(30)
    /// How large batches may be.
    public var limits = BatchLimits()
    /// Whether their bytes were said, so that they are not shared with other destinations.
    public var hasOwnBatchBytes = false
    /// How long a batch that is not full waits for more.
    public var linger: Duration = .seconds(1)
    /// Which records go there, and as what.
    public var selection = Selection()

    /// Makes settings with the defaults for everything else.
    public init(name: String, kind: DestinationKind, transport: DestinationTransport) {
        (self.name, self.kind, self.transport) = (name, kind, transport)
        isCompressed = kind != .kafka
    }

    /// What whoever starts it should know, a line each.
    public var warnings: [String] {
        var warnings: [String] = []
        if transport == .tls, !tls.isVerified {
            warnings.append("\(name): certificates are NOT verified (verify = false): anybody may read and answer")
        }
        if transport == .udp {
            warnings.append("\(name): UDP acknowledges nothing: what is lost on the way is not sent again")
        }
        if transport == .tcp, credentials != .none, !isLoopback {
            warnings.append("\(name): its secret goes over the network unencrypted; the encrypted scheme protects it")
        }
        return warnings
    }

    private var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
