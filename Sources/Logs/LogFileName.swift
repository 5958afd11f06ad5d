public import Compression

/// The name of a file in a log's folder: `tattle-20261125T101500.123456789Z-000001.ndjson`, compressed with `.zst` or `.gz`.
///
/// The time is UTC, when the file was begun; names sort as the files were written, whatever the clock did meanwhile.
public struct LogFileName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// When it was begun, nanoseconds since 1970, less than 2⁶³.
    public let unixNanoseconds: UInt64
    /// Its number in the run that wrote it, from 0.
    public let sequence: UInt64
    /// How it is compressed; nil: it is not.
    public var compression: CompressionMethod?

    /// Makes a name.
    public init(unixNanoseconds: UInt64, sequence: UInt64, compression: CompressionMethod? = nil) {
        self.unixNanoseconds = min(unixNanoseconds, UInt64(Int64.max))
        self.sequence = sequence
        self.compression = compression
    }

    /// The name as it stands in the folder.
    public var description: String {
        let ending = compression.map { ".\($0.fileExtension)" } ?? ""
        return "tattle-\(utcText(unixNanoseconds, .basic))-\(padded(sequence, 6)).ndjson\(ending)"
    }

    /// Reads a name; nil when it is none of ours, to the letter.
    public init?(_ text: String) {
        let method = CompressionMethod(fileName: text)
        let plain = method.map { text.dropLast($0.fileExtension.count + 1) } ?? text[...]
        let parts = plain.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "tattle", parts[1].utf8.count == 26, parts[2].hasSuffix(".ndjson"),
            let sequence = UInt64(parts[2].dropLast(7)), let time = Self.time(Array(parts[1].utf8))
        else { return nil }
        self.init(unixNanoseconds: time, sequence: sequence, compression: method)
        // Neither "+1" nor the 31st of April.
        guard description == text else { return nil }
    }

    /// Reads `20261125T101500.123456789Z`.
    private static func time(_ text: [UInt8]) -> UInt64? {
        let parts = [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15]
        guard let seconds = secondsSince1970(of: text, at: parts),
            let fraction = UInt64(String(decoding: text[16..<25], as: UTF8.self))
        else { return nil }
        guard seconds >= 0, seconds <= Int64.max / 1_000_000_000 else { return nil }
        return UInt64(seconds) * 1_000_000_000 + fraction
    }

    /// The name without what the compression added.
    public var plain: LogFileName { LogFileName(unixNanoseconds: unixNanoseconds, sequence: sequence) }

    /// By time, as the names sort.
    public static func < (left: Self, right: Self) -> Bool {
        (left.unixNanoseconds, left.sequence, left.description) < (
            right.unixNanoseconds, right.sequence, right.description
        )
    }
}
