internal import CSchemas

/// The JSON Schemas (draft 2020-12) of the formats in NDJSON.
public enum RecordSchema: String, Sendable, CaseIterable {
    /// The Elastic Common Schema, as far as tattle uses it, and `tattle.*`.
    case ecs
    /// OCSF, as far as tattle uses it.
    case ocsf
    /// Zeek's conn.log.
    case zeek

    /// The schema: JSON, with a newline at its end.
    public var text: String {
        let text =
            switch self {
            case .ecs: unsafe tattle_schema_ecs()
            case .ocsf: unsafe tattle_schema_ocsf()
            case .zeek: unsafe tattle_schema_zeek()
            }
        // Constant bytes, as many as it says.
        return unsafe String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.length), as: UTF8.self)
    }
}
