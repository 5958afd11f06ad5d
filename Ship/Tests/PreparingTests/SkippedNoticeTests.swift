import Foundation
import Logs
import Testing

@testable internal import Following
@testable internal import Preparing

@Suite("The record that tells of skipped ones")
struct SkippedNoticeTests {
    private static let folder = URL(filePath: #filePath).appending(path: "../../../../Tests/Golden/ship").standardized

    private static let second = LogFileName(unixNanoseconds: 1_767_225_600_123_456_789, sequence: 2)
    private static let fifth = LogFileName(unixNanoseconds: 1_767_229_200_000_000_000, sequence: 5)

    /// What is missing, by the name of its golden file.
    private static let cases: [String: SkippedRecords] = {
        var end = LogPosition(file: second, firstLine: 1, offset: 4_096)
        (end.run, end.sequence) = ("5f0c9a52-9f0b-4a40-8f93-2a0d1e7e1c11", 41)
        return [
            "skipped-deleted": SkippedRecords(
                cause: .deleted, records: 958, isExact: true, run: end.run, after: end, before: fifth),
            "skipped-damaged": SkippedRecords(
                cause: .damaged, records: 0, isExact: false, run: nil,
                after: LogPosition(file: second, firstLine: 1, offset: 0), before: fifth),
            "skipped-too-long": SkippedRecords(
                cause: .tooLong, records: 1, isExact: false, run: nil, after: nil, before: second),
        ]
    }()

    /// `make test-schemas` holds the same lines against docs/schema, and against OCSF's own.
    @Test("It is as its golden file says, in ECS and in OCSF", arguments: cases.keys.sorted())
    func golden(_ name: String) throws {
        let skipped = try #require(Self.cases[name])
        let notice = SkippedNotice(version: "0.1.0", hostName: "web-1", now: { 1_767_258_000_000_000_001 })
        let lines = [false, true].map { String(decoding: notice.line(skipped, isOCSF: $0), as: UTF8.self) }
        let file = Self.folder.appending(path: "\(name).golden")
        let text = "[ecs]\n\(lines[0])\n\n[ocsf]\n\(lines[1])\n"
        if ProcessInfo.processInfo.environment["TATTLE_WRITE_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
}
