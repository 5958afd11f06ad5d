/// The table of ClickHouse for tattle's records in ECS.
public enum ClickHouseTable {
    /// `database.table` as a statement has it.
    ///
    /// - Parameter name: of letters, digits, `_` and one dot at most.
    static func quoted(_ name: String) -> String { name.split(separator: ".").map { "`\($0)`" }.joined(separator: ".") }

    /// The statement that makes it.
    ///
    /// Every object of ECS is a tuple, so that `destination.ip` means what it does in the log; what a record does not have
    /// is NULL, or an empty text where a text is never empty. tattle's own members stay JSON, which JSONExtract reads.
    ///
    /// - Parameter name: of letters, digits, `_` and one dot at most.
    public static func statement(name: String = "tattle") -> String {
        """
        CREATE TABLE IF NOT EXISTS \(quoted(name))
        (
            `@timestamp` DateTime64(9, 'UTC'),
            event \(event),
            message String,
            labels Map(LowCardinality(String), String),
            network Tuple(transport LowCardinality(String), type LowCardinality(String), iana_number LowCardinality(String), direction LowCardinality(String), community_id String, bytes Nullable(UInt64), packets Nullable(UInt64)),
            source Tuple(ip Nullable(IPv6), port Nullable(UInt16), bytes Nullable(UInt64), packets Nullable(UInt64)),
            destination Tuple(address String, ip Nullable(IPv6), port Nullable(UInt32), mac String, bytes Nullable(UInt64), packets Nullable(UInt64)),
            error Tuple(code LowCardinality(String), message LowCardinality(String)),
            process \(process),
            user Tuple(id LowCardinality(String), name LowCardinality(String)),
            group Tuple(id LowCardinality(String)),
            container Tuple(id LowCardinality(String), runtime LowCardinality(String)),
            kubernetes Tuple(pod Tuple(uid LowCardinality(String))),
            related Tuple(ip Array(IPv6), hash Array(String)),
            rule Tuple(id LowCardinality(String), name LowCardinality(String), category LowCardinality(String), description LowCardinality(String), ruleset LowCardinality(String)),
            threat String,
            host Tuple(name LowCardinality(String), id LowCardinality(String), architecture LowCardinality(String), boot Tuple(id LowCardinality(String)), os Tuple(type LowCardinality(String), kernel LowCardinality(String), `full` LowCardinality(String))),
            agent Tuple(type LowCardinality(String), version LowCardinality(String), ephemeral_id LowCardinality(String)),
            ecs Tuple(version LowCardinality(String)),
            tattle String
        )
        ENGINE = ReplacingMergeTree
        PARTITION BY toYYYYMM(`@timestamp`)
        ORDER BY (tupleElement(host, 'name'), `@timestamp`, tupleElement(event, 'id'))
        SETTINGS non_replicated_deduplication_window = 1000

        """
    }

    private static let event =
        "Tuple(id String, kind LowCardinality(String), category Array(LowCardinality(String)), "
        + "type Array(LowCardinality(String)), action LowCardinality(String), outcome LowCardinality(String), "
        + "reason String, sequence Nullable(UInt64), duration Nullable(UInt64), start Nullable(DateTime64(9, 'UTC')), "
        + "`end` Nullable(DateTime64(9, 'UTC')), severity Nullable(UInt8), risk_score Nullable(Float64), "
        + "dataset LowCardinality(String), module LowCardinality(String), provider LowCardinality(String))"

    /// A parent, a session's leader: what is known of any process.
    private static let relative =
        "pid Nullable(UInt32), entity_id String, start Nullable(DateTime64(9, 'UTC')), name LowCardinality(String), "
        + "args Array(String), args_count Nullable(UInt64), executable LowCardinality(String)"

    private static let process =
        "Tuple(\(relative), working_directory LowCardinality(String), vpid Nullable(UInt32), "
        + "user Tuple(id LowCardinality(String), name LowCardinality(String)), "
        + "real_user Tuple(id LowCardinality(String), name LowCardinality(String)), "
        + "group Tuple(id LowCardinality(String)), real_group Tuple(id LowCardinality(String)), "
        + "hash Tuple(sha256 String), parent Tuple(\(relative)), session_leader Tuple(\(relative)), "
        + "thread Tuple(id Nullable(UInt32), name LowCardinality(String), "
        + "capabilities Tuple(effective Array(LowCardinality(String)))), "
        + "tty Tuple(char_device Tuple(major Nullable(UInt32), minor Nullable(UInt32))), "
        + "Ext Tuple(ancestry Array(String)))"
}
