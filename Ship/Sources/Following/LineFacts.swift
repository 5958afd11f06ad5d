internal import CLinux

/// What a line tells of its place in the log, in ECS and in OCSF.
///
/// Found by names of members, without reading all of the line. Within a text a quotation mark has a backslash in front, so
/// that `"name":` is a member's name wherever it is found; the ones that are looked for stand in front of others of the same name.
struct LineFacts {
    /// The run that wrote it: `agent.ephemeral_id`, `metadata.product.uid`; nil: none is told.
    var run: String?
    /// Its number in the run: `event.sequence`, `metadata.sequence`; nil: none is told.
    var sequence: UInt64?
    /// When it happened: `@timestamp`, `metadata.original_time`, as it stands there; nil: none is told.
    var time: String?

    /// Looks at a line.
    init(_ bytes: ArraySlice<UInt8>) {
        run =
            Self.text(of: "\"ephemeral_id\":\"", in: bytes)
            ?? index(after: "\"product\":{", in: bytes).flatMap { Self.text(of: "\"uid\":\"", in: bytes[$0...]) }
        if let start = index(after: "\"sequence\":", in: bytes) {
            let digits = bytes[start...].prefix { (0x30...0x39).contains($0) }
            sequence = UInt64(String(decoding: digits, as: UTF8.self))
        }
        time =
            Self.text(of: "{\"@timestamp\":\"", in: bytes) ?? Self.text(of: "\"original_time\":\"", in: bytes)
    }

    /// Whether the file that begins with the line takes the place of one that was removed: lines that waited follow it.
    static func replacesAnother(_ line: ArraySlice<UInt8>) -> Bool {
        index(after: "\"cause\":\"replaced\"", in: line) != nil
    }

    /// The run that ended without a word, and the last number that it wrote, as the line tells; nil: it tells of none.
    static func deadRun(_ line: ArraySlice<UInt8>) -> (id: String, lastSequence: UInt64)? {
        guard index(after: "\"previous_run_died\"", in: line) != nil,
            let start = index(after: "\"run\":{\"id\":\"", in: line),
            let id = text(of: "\"run\":{\"id\":\"", in: line),
            let number = index(after: "\"last_sequence\":", in: line[start...]),
            let last = UInt64(String(decoding: line[number...].prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
        else { return nil }
        return (id, last)
    }

    /// The short text without escapes that follows a member's name.
    private static func text(of name: StaticString, in bytes: ArraySlice<UInt8>) -> String? {
        guard let start = index(after: name, in: bytes) else { return nil }
        let text = bytes[start...].prefix(129).prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard !text.isEmpty, text.count <= 128, text.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Where what follows `pattern` begins; nil: it is not there.
public func index(after pattern: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
    guard !bytes.isEmpty else { return nil }
    // A static string lives as long as the program, the slice as long as the call.
    let found = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe tattle_find(buffer.baseAddress, buffer.count, pattern.utf8Start, pattern.utf8CodeUnitCount)
    }
    return found < 0 ? nil : bytes.startIndex + found + pattern.utf8CodeUnitCount
}
