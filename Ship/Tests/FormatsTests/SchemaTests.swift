import Foundation
import Testing

@testable internal import Formats

/// Whether what receivers are told of types is what records have.
struct SchemaTests {
    /// Every member of every kind of record, with the name of its type in docs/schema.
    private static func leaves() throws -> [(path: String, type: String)] {
        let file = URL(filePath: #filePath).appending(path: "../../../../docs/schema/ecs.schema.json").standardized
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        var leaves: [String: String] = [:]
        func walk(_ node: [String: Any], _ path: [String]) {
            if let reference = (node["$ref"] as? String)?.dropFirst("#/$defs/".count),
                let definition = definitions[String(reference)]
            {
                if definition["properties"] == nil, definition["allOf"] == nil, definition["anyOf"] == nil {
                    leaves[path.joined(separator: ".")] = String(reference)
                } else {
                    walk(definition, path)
                }
            }
            for key in ["allOf", "anyOf", "oneOf"] {
                for part in node[key] as? [[String: Any]] ?? [] { walk(part, path) }
            }
            for (name, member) in node["properties"] as? [String: [String: Any]] ?? [:] { walk(member, path + [name]) }
            if let items = node["items"] as? [String: Any] { walk(items, path) }
            if let type = node["type"] as? String, type != "object", type != "array" {
                leaves[path.joined(separator: ".")] = leaves[path.joined(separator: ".")] ?? type
            }
            if let text = (node["const"] ?? (node["enum"] as? [Any])?.first) {
                leaves[path.joined(separator: ".")] = text is String ? "string" : "\(type(of: text))"
            }
        }
        for (name, definition) in definitions
        where ["connection_", "disconnect_", "beacon_detected", "heartbeat", "events_", "tracing_"].contains(
            where: name.hasPrefix)
        {
            walk(definition, [])
        }
        return leaves.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    @Test func theTemplateKnowsEveryTimeAndEveryAddress() throws {
        let template = try #require(
            try JSONSerialization.jsonObject(with: Data(IndexTemplate.text().utf8)) as? [String: Any])
        let mappings = (template["template"] as? [String: Any])?["mappings"] as? [String: Any]
        func type(_ path: String) -> String? {
            var node = mappings
            for name in path.split(separator: ".") {
                node = (node?["properties"] as? [String: Any])?[String(name)] as? [String: Any]
            }
            return node?["type"] as? String
        }
        let leaves = try Self.leaves()
        #expect(leaves.count > 200)
        for (path, kind) in leaves {
            switch kind {
            case "time": #expect(type(path) == "date_nanos", "\(path)")
            case "ip": #expect(type(path) == "ip", "\(path)")
            case "number": #expect(type(path) == "float" || path.hasPrefix("tattle.beacon."), "\(path)")
            default: #expect(type(path) == nil || ["message", "tattle.padding"].contains(path), "\(path) \(kind)")
            }
        }
        #expect(template["data_stream"] != nil)
        #expect(template["index_patterns"] as? [String] == [IndexTemplate.defaultIndex])
        let plain = IndexTemplate.text(index: #"a"b"#, isDataStream: false)
        let tree = try JSONSerialization.jsonObject(with: Data(plain.utf8)) as? [String: Any]
        #expect(tree?["data_stream"] == nil && tree?["index_patterns"] as? [String] == [#"a"b"#])
    }

    /// What a tuple does not name, ClickHouse leaves out.
    @Test func theTableHasAColumnForEveryMember() throws {
        let columns = Columns(ClickHouseTable.statement(name: "net.tattle"))
        #expect(ClickHouseTable.statement(name: "net.tattle").hasPrefix("CREATE TABLE IF NOT EXISTS `net`.`tattle`\n"))
        for (path, kind) in try Self.leaves() {
            guard let type = columns.type(path) else {
                Issue.record("no column for \(path)")
                continue
            }
            // JSON as it is.
            if path.hasPrefix("tattle.") || path.hasPrefix("threat.") { continue }
            let isRight =
                switch kind {
                case "time": type.contains("DateTime64(9, 'UTC')")
                case "ip": type.contains("IPv6")
                case "count": type == "Nullable(UInt64)"
                case "number": type == "Nullable(Float64)"
                case "integer", "port": type.hasPrefix("Nullable(UInt")
                default: type.contains("String") || path == "event.severity"
                }
            #expect(isRight, "\(path): \(type) for \(kind)")
        }
        // What `fields` adds.
        #expect(columns.type("labels") == "Map(LowCardinality(String), String)")
    }
}

/// The columns of a CREATE TABLE, read from its text.
private struct Columns {
    private var types: [String: String] = [:]

    init(_ statement: String) {
        let open = statement.firstIndex(of: "(")
        let close = statement.range(of: "\n)\n")
        guard let open, let close else { return }
        add(statement[statement.index(after: open)..<close.lowerBound], below: "")
    }

    /// A column's own type; of what is within a text: that text's.
    func type(_ path: String) -> String? {
        var names = path.split(separator: ".")[...]
        while !names.isEmpty {
            if let type = types[names.joined(separator: ".")] {
                return names.count == path.split(separator: ".").count || type == "String" ? type : nil
            }
            names = names.dropLast()
        }
        return nil
    }

    private mutating func add(_ list: Substring, below prefix: String) {
        var depth = 0
        for part in list.split(whereSeparator: { character in
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            return character == "," && depth == 0
        }) {
            let text = part.trimmingPrefix { $0.isWhitespace }
            guard let space = text.firstIndex(of: " ") else { continue }
            let path = prefix + text[..<space].filter { $0 != "`" }
            let type = text[text.index(after: space)...]
            if type.hasPrefix("Tuple("), type.hasSuffix(")") {
                add(type.dropFirst(6).dropLast(), below: path + ".")
            } else {
                types[path] = String(type)
            }
        }
    }
}
