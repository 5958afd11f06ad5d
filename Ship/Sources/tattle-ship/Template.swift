internal import ArgumentParser
internal import Formats

/// `tattle-ship template`: what a receiver is to be told beforehand.
struct Template: ParsableCommand {
    /// Who is told.
    enum Target: String, ExpressibleByArgument, CaseIterable {
        case elasticsearch, opensearch, clickhouse
    }

    static let configuration = CommandConfiguration(
        abstract: "Print an index template of Elasticsearch or OpenSearch, or ClickHouse's table.",
        discussion: """
            Examples:
              tattle-ship template elasticsearch | curl -T - -H 'Content-Type: application/json' \
            https://siem:9200/_index_template/tattle
              tattle-ship template clickhouse --name logs.tattle | clickhouse-client
            """)

    @Argument(help: "elasticsearch, opensearch or clickhouse.")
    var target: Target

    @Option(help: "The data stream, or the table. (default: logs-tattle-default, or tattle)")
    var name: String?

    @Flag(help: "For Elasticsearch and OpenSearch: of a plain index, not of a data stream.")
    var plain = false

    mutating func run() throws {
        guard name?.utf8.allSatisfy(Self.isNameByte) != false, name?.isEmpty != true else {
            throw ValidationError("--name is letters, digits, '.', '-' and '_'")
        }
        switch target {
        case .elasticsearch, .opensearch:
            try output(IndexTemplate.text(index: name ?? IndexTemplate.defaultIndex, isDataStream: !plain) + "\n")
        case .clickhouse: try output(ClickHouseTable.statement(name: name ?? "tattle") + "\n")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
    }
}
