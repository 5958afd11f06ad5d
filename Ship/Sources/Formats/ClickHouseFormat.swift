internal import Delivery

/// ClickHouse over HTTP: an INSERT of the lines as they stand in the log, FORMAT JSONEachRow.
///
/// A body goes in as one block, whole or not at all. Its deduplication token is the same whenever the same records are
/// sent again, so that ClickHouse leaves out what it has: in replicated tables by itself, in others with the setting
/// `non_replicated_deduplication_window`, which the table's DDL has (``ClickHouseTable``).
///
/// A member that the table has no place for is an error, not left out: neither what a newer tattle writes nor records of
/// another format are thrown away untold. Whoever wants a table of some columns says so in the URL's query.
public struct ClickHouseFormat: HTTPFormat {
    private let target: RequestTarget
    private let settings: [String]
    private let table: String

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - path: with the query; "/" for a server that no proxy stands before.
    ///   - table: `table` or `database.table`, of letters, digits and `_`.
    public init(path: String = "/", table: String) {
        self.table = table
        let query = "INSERT INTO \(ClickHouseTable.quoted(table)) FORMAT JSONEachRow"
        target = RequestTarget(path)
        settings = [
            "query=\(PathText.segment(query))", "date_time_input_format=best_effort",
            "input_format_skip_unknown_fields=0", "input_format_json_ignore_unknown_keys_in_named_tuple=0",
            "async_insert=0", "insert_deduplicate=1",
        ]
    }

    /// The INSERT and its token.
    public func target(for shipment: Shipment) -> String {
        target.text(target.path, adding: settings + ["insert_deduplication_token=\(Self.token(shipment))"])
    }

    /// `application/x-ndjson`.
    public var contentType: String { "application/x-ndjson" }

    /// The records' lines.
    public func body(_ shipment: Shipment) -> [UInt8] { shipment.lines }

    /// A 200 without a body acknowledges all; an exception may come with a 200, too.
    public func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement {
        if let failure = answer.failure(to: shipment, target: "table \(table)") { return .result(failure) }
        let said = Explanation.text(answer.body, longest: 200)
        guard said.isEmpty else {
            return .result(.passing("answers \(answer.status), but not as ClickHouse to an INSERT: \(said)"))
        }
        return .result(shipment.acknowledged())
    }

    /// How many records, and FNV-1a of their bytes.
    static func token(_ shipment: Shipment) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for record in shipment.records {
            for byte in shipment.bytes[record.range] {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            hash = (hash ^ 0x0a) &* 0x100_0000_01b3
        }
        return "tattle-\(shipment.records.count)-\(String(hash, radix: 16))"
    }
}
