import Delivery
import Foundation
import ShipSettings
import Testing

/// What a call with one `--to` comes to.
func settings(_ text: String) throws(ShipConfigurationError) -> DestinationSettings {
    var arguments = ShipArguments()
    (arguments.folder, arguments.destinations) = ("/var/log/tattle", [text])
    return try ShipSettings(arguments).destinations[0]
}

/// Why a call with one `--to` is refused.
func refusal(_ text: String) -> ShipConfigurationError? {
    do throws(ShipConfigurationError) {
        _ = try settings(text)
        return nil
    } catch {
        return error
    }
}

@Suite("--to")
struct DestinationTests {
    @Test(
        "A scheme says what speaks there and how, and has a port of its own",
        arguments: [
            ("elasticsearch+https://siem", DestinationKind.elasticsearch, DestinationTransport.tls, UInt16(9200)),
            ("opensearch+http://siem", .elasticsearch, .tcp, 9200), ("splunk+https://siem", .splunk, .tls, 8088),
            ("otlp+http://siem", .otlp, .tcp, 4318), ("clickhouse+http://siem", .clickhouse, .tcp, 8123),
            ("https://siem", .http, .tls, 443), ("syslog+tls://siem", .syslog, .tls, 6514),
            ("syslog+udp://siem", .syslog, .udp, 514), ("SYSLOG+TCP://siem", .syslog, .tcp, 601),
        ])
    func scheme(_ text: String, kind: DestinationKind, transport: DestinationTransport, port: UInt16) throws {
        let destination = try settings(text)
        #expect(destination.kind == kind)
        #expect(destination.transport == transport)
        #expect(destination.host == "siem")
        #expect(destination.port == port)
    }

    @Test("Path and query go to the server, options do not, and neither query nor options are in the name")
    func parts() throws {
        let destination = try settings("https://siem.example:8443/in/tattle?source=a&x=%20#linger=5s&batch-records=10")
        #expect(destination.port == 8443)
        #expect(destination.path == "/in/tattle?source=a&x=%20")
        #expect(destination.linger == .seconds(5))
        #expect(destination.limits.records == 10)
        #expect(destination.name == "https://siem.example:8443/in/tattle")
    }

    @Test("Bodies are compressed unless it says otherwise, for Kafka's gateways only if it says so")
    func compression() throws {
        #expect(try settings("https://siem").isCompressed)
        #expect(try !settings("https://siem#compress=false").isCompressed)
        #expect(try !settings("kafka+http://siem#topic=tattle").isCompressed)
        #expect(try settings("kafka+http://siem#topic=tattle&compress=true").isCompressed)
    }

    @Test("An IPv6 address stands in brackets")
    func address() throws {
        let destination = try settings("syslog+tcp://[::1]:6000")
        #expect(destination.host == "::1")
        #expect(destination.port == 6000)
        #expect(destination.name == "syslog+tcp://[::1]:6000")
    }

    @Test("A file and the standard output are destinations without a network")
    func local() throws {
        #expect(try settings("file:/tmp/a%20b").path == "/tmp/a b")
        #expect(try settings("file:///tmp/a").path == "/tmp/a")
        #expect(try settings("-").kind == .standardOutput)
        #expect(try settings("-#linger=0s").linger == .zero)
    }

    @Test(
        "What is wrong with a URL is one line and the exit code for a wrong call",
        arguments: [
            "", "siem", "ftp://siem", "https://", "https://siem:0", "https://siem:70000", "https://siem:1x",
            "https://a b",
            "https://si/em\r\nX: y", "https://[::1", "https://[name]", "http://[::1]9200/", "http://[::1]x",
            "https://si%em", "file:relative", "file:/tmp/",
            "syslog+tcp://siem/path", "kafka+http://siem", "https://siem#verify", "https://siem#verify=perhaps",
            "https://siem#nothing=1", "https://siem#linger=5", "https://siem#index=a", "http://siem#ca=/etc/passwd",
            "https://siem#ca=/does/not/exist", "https://siem#certificate=/etc/passwd", "https://siem#batch-records=0",
            "https://siem#linger=1s&linger=2s", "https://siem#fields=site", "https://siem#fields=a.b=c",
            "clickhouse+http://siem#table=a;drop", "splunk+https://siem#channel=abc", "https://siem#format=xml",
            "https://ana@siem", "https://siem#user=ana", "-#token-env=HOME", "https://siem#name=a%0ab",
            "clickhouse+https://siem#format=ocsf", "https://siem#kinds=connection_attemptd",
            "https://siem#kinds=",
        ])
    func wrong(_ text: String) throws {
        let error = try #require(refusal(text))
        #expect(error.exitCode == 64)
        #expect(error.description.hasPrefix("--to: "))
        #expect(!error.description.contains("\n"))
        #expect(!error.description.contains("\r"))
    }

    @Test(
        "A secret in a URL is refused, told how to be given, and not repeated",
        arguments: [
            "https://ana:hunter2@siem", "https://:hunter2@siem", "https://siem/?token=hunter2",
            "https://siem/?X-Access-Token=hunter2", "https://siem/?sig=hunter2", "https://siem#token=hunter2",
            "https://siem#password=hunter2", "splunk+https://siem#secret=hunter2", "https:/ana:hunter2@siem",
            "hunter2://siem",
        ])
    func secrets(_ text: String) throws {
        let error = try #require(refusal(text))
        #expect(!error.description.contains("hunter2"))
        if !text.hasPrefix("https:/a"), !text.hasPrefix("hunter2") { #expect(error.description.contains("-file")) }
    }

    @Test("Two destinations of the same name are refused")
    func names() {
        var arguments = ShipArguments()
        (arguments.folder, arguments.destinations) = ("/log", ["https://a/?x=1", "https://a/?x=2"])
        #expect(throws: ShipConfigurationError.self) { try ShipSettings(arguments) }
    }

    @Test("Without a folder or a destination the call is wrong")
    func nothing() {
        var arguments = ShipArguments()
        arguments.destinations = ["-"]
        #expect(throws: ShipConfigurationError.self) { try ShipSettings(arguments) }
        (arguments.folder, arguments.destinations) = ("/log", [])
        #expect(throws: ShipConfigurationError.self) { try ShipSettings(arguments) }
    }

    @Test("What leaves a secret or the records unprotected is told")
    func warnings() throws {
        #expect(try settings("https://siem").warnings.isEmpty)
        #expect(try settings("https://siem#verify=false").warnings.count == 1)
        #expect(try settings("syslog+udp://siem").warnings.count == 1)
        #expect(try settings("http://siem#token-env=PATH").warnings.count == 1)
        #expect(try settings("http://127.0.0.1#token-env=PATH").warnings.isEmpty)
    }

    @Test("Every kind of record that the schema has may be asked for, and no other")
    func kinds() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../../docs/schema/ecs.schema.json").standardized
        let schema = try JSONDecoder().decode(Schema.self, from: Data(contentsOf: file))
        let actions = schema.properties["event"]?.properties?["action"]?.enum
        #expect(actions.map(Set.init) == Set(Selection.allKinds))
        #expect(refusal("https://siem#kinds=a")?.description.contains("beacon_detected") == true)
    }

    /// What of the schema says which kinds there are.
    private struct Schema: Decodable {
        struct Member: Decodable {
            var properties: [String: Leaf]?
        }
        struct Leaf: Decodable {
            var `enum`: [String]?
        }
        var properties: [String: Member]
    }

    @Test("Kinds, format and fields say which records go there, and as what")
    func selection() throws {
        let selection = try settings(
            "https://siem#kinds=heartbeat,events_lost&format=ocsf&fields=site=berlin,environment=test"
        ).selection
        #expect(selection.kinds == ["heartbeat", "events_lost"])
        #expect(selection.isOCSF)
        #expect(selection.fields.map(\.name) == ["site", "environment"])
        #expect(selection.fields.map(\.value) == ["berlin", "test"])
        #expect(try settings("clickhouse+http://siem#format=ocsf&table=ocsf").selection.isOCSF)
    }
}
