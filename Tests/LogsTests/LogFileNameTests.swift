import Compression
import Testing

@testable import Logs

@Suite("Names of a folder's files")
struct LogFileNameTests {
    /// 2026-11-25T10:15:00.123456789Z.
    private let time: UInt64 = 1_795_601_700_123_456_789

    @Test("a name has the time in UTC and the number in the run")
    func description() {
        #expect(
            LogFileName(unixNanoseconds: time, sequence: 1).description
                == "tattle-20261125T101500.123456789Z-000001.ndjson")
        #expect(
            LogFileName(unixNanoseconds: time, sequence: 0, compression: .zstd).description
                == "tattle-20261125T101500.123456789Z-000000.ndjson.zst")
        #expect(
            LogFileName(unixNanoseconds: 0, sequence: 12_345_678, compression: .gzip).description
                == "tattle-19700101T000000.000000000Z-12345678.ndjson.gz")
    }

    @Test(
        "a name that was written is read as what it was",
        arguments: [0, 1, 951_782_400_000_000_000, 1_795_601_700_123_456_789, UInt64(Int64.max)])
    func roundTrip(time: UInt64) {
        for method in [nil] + CompressionMethod.allCases {
            let name = LogFileName(unixNanoseconds: time, sequence: time % 9_999_999, compression: method)
            #expect(LogFileName(name.description) == name)
        }
    }

    @Test(
        "what is no name of ours is none",
        arguments: [
            "", "log.ndjson", "tattle-.ndjson", "tattle-20261125T101500.123456789Z.ndjson",
            "tattle-20261125T101500.123456789Z-000001.json", ".tattle-20261125T101500.123456789Z-000001.ndjson.tmp",
            "tattle-20260431T101500.123456789Z-000001.ndjson", "tattle-20261125T101500.123456789Z-+00001.ndjson",
            "tattle-20261125T101500.123456789Z-1.ndjson", "tattle-20261125T101500.123456789Z-000001.ndjson.xz",
            "tattle-20261125 101500.123456789Z-000001.ndjson", "tattle-2026112aT101500.123456789Z-000001.ndjson",
            "tattle-20261125T101500.123456789Z-000001.ndjson.gz.zst",
        ])
    func foreign(text: String) {
        #expect(LogFileName(text) == nil)
    }

    @Test("names sort as the files were begun, and a compressed one beside its own")
    func order() {
        let names = [
            LogFileName(unixNanoseconds: time - 1, sequence: 7), LogFileName(unixNanoseconds: time, sequence: 0),
            LogFileName(unixNanoseconds: time, sequence: 0, compression: .zstd),
            LogFileName(unixNanoseconds: time, sequence: 1),
        ]
        #expect(names.reversed().sorted() == names)
        #expect(names.map(\.description).sorted() == names.map(\.description))
    }
}
