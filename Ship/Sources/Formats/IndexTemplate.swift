/// The index template of Elasticsearch and OpenSearch for tattle's records in ECS, a text for `PUT _index_template/NAME`.
public enum IndexTemplate {
    /// Where records go to that nobody names an index for.
    public static let defaultIndex = "logs-tattle-default"

    /// The template.
    ///
    /// - Parameters:
    ///   - index: the name of the data stream or index.
    ///   - isDataStream: what the name is created as.
    public static func text(index: String = defaultIndex, isDataStream: Bool = true) -> String {
        var pattern: [UInt8] = []
        pattern.append(jsonText: index)
        return """
            {
              "index_patterns": [\(String(decoding: pattern, as: UTF8.self))],
              "priority": 500,\(isDataStream ? "\n  \"data_stream\": {}," : "")
              "template": {
                "mappings": {
                  "date_detection": false,
                  "numeric_detection": false,
                  "dynamic_templates": [
            \(templates)
                  ],
                  "properties": {
            \(properties)
                  }
                }
              },
              "_meta": {"description": "tattle: records in ECS, see docs/RECORDS.md"}
            }

            """
    }

    /// What does not follow from a value alone.
    ///
    /// A number that may have a fraction is sent without one when it has none.
    private static let templates = [
        #"{"beacon_numbers": {"path_match": "tattle.beacon.*", "match_mapping_type": "long", "mapping": {"type": "double"}}}"#,
        #"{"doubles": {"match_mapping_type": "double", "mapping": {"type": "double"}}}"#,
        #"{"texts": {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": 8191}}}"#,
    ].map { "        \($0)" }.joined(separator: ",\n")

    private static let properties = [
        #""@timestamp": {"type": "date_nanos"}"#,
        #""destination": {"properties": {"ip": {"type": "ip"}}}"#,
        #""event": {"properties": {"start": {"type": "date_nanos"}, "end": {"type": "date_nanos"}, "risk_score": {"type": "float"}}}"#,
        #""message": {"type": "text"}"#,
        #""process": {"properties": {"start": {"type": "date_nanos"}, "parent": {"properties": {"start": {"type": "date_nanos"}}}, "session_leader": {"properties": {"start": {"type": "date_nanos"}}}}}"#,
        #""related": {"properties": {"ip": {"type": "ip"}}}"#,
        #""source": {"properties": {"ip": {"type": "ip"}}}"#,
        #""tattle": {"properties": {"flow": {"properties": {"first": {"type": "date_nanos"}, "last": {"type": "date_nanos"}}}, "padding": {"type": "keyword", "index": false, "doc_values": false}}}"#,
    ].map { "        \($0)" }.joined(separator: ",\n")
}
