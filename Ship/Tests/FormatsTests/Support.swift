import Foundation
import Testing

@testable internal import Delivery
@testable internal import Formats

/// The golden lines of a format, `ecs` or `ocsf`, by the name of their file.
func goldenLines(_ format: String) throws -> [(name: String, line: String)] {
    let folder = URL(filePath: #filePath).appending(path: "../../../../Tests/Golden").standardized
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.filter { $0.pathExtension == "golden" }.sorted { $0.path < $1.path }.compactMap { file in
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let section = lines.firstIndex(of: "[\(format)]"), lines.indices.contains(section + 1) else {
            return nil
        }
        return (file.deletingPathExtension().lastPathComponent, String(lines[section + 1]))
    }
}

/// A record in ECS, as short as one can be.
func line(_ number: Int, action: String = "connection_attempted", host: String = "web-1") -> String {
    let nanoseconds = String(number).count < 9 ? String(repeating: "0", count: 9 - String(number).count) : ""
    return
        #"{"@timestamp":"2026-01-01T10:00:00.\#(nanoseconds)\#(number)Z","event":{"kind":"event","action":"\#(action)","#
        + #""id":"run-0-\#(number)-a"},"host":{"name":"\#(host)"}}"#
}

/// A batch of lines.
func batch(_ lines: [String]) -> Batch { Batch(bytes: Array(lines.map { $0 + "\n" }.joined().utf8)) }

/// A shipment of so many records.
func shipment(_ count: Int) -> Shipment { Shipment(batch((0..<count).map { line($0) })) }

/// A body's lines.
func lines(_ body: [UInt8]) -> [String] {
    String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init)
}

/// A text in the batch.
func text(_ bytes: [UInt8], _ range: Range<Int>?) -> String? {
    range.map { String(decoding: bytes[$0], as: UTF8.self) }
}

extension HTTPFormat {
    /// What came of an answer, which was no question.
    func outcome(_ status: Int, _ body: String = "", of shipment: Shipment) -> DeliveryResult? {
        let answer = HTTPAnswer(status: status, body: Array(body.utf8))
        guard case .result(let result) = result(of: answer, to: shipment) else { return nil }
        return result
    }
}

extension DeliveryResult {
    /// The outage that it is.
    var outage: Outage? {
        if case .outage(let outage) = self { outage } else { nil }
    }

    /// Lines that are rejected.
    var rejected: [RejectedRecord] {
        switch self {
        case .acknowledged(let rejected), .partly(_, let rejected, _): rejected
        case .tooLarge, .outage: []
        }
    }
}
