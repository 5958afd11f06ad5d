internal import CLinux
internal import Reading

/// Makes rows of the lines of one file, whatever its form, by what each line looks like.
///
/// A line that begins with a brace is JSON; one that begins with `#` tells what Zeek's columns are; the first line of
/// anything else names the columns of comma- or tab-separated values.
struct RowParser {
    /// What comes of a line.
    enum Parsed {
        case row(Row)
        /// It is about the lines that follow.
        case header
        /// It is a record of tattle's.
        case record
    }

    /// Why a line is no row.
    struct Refusal: Error {
        var reason: String
    }

    /// What Zeek calls the log that the last line is of; nil: it is none of Zeek's.
    private(set) var path: String?
    /// Of each column in the file; nil: it has no meaning here.
    private var columns: [Column?] = []
    private var names = ColumnNames()
    /// Of the object that is being read: whether it is of Zeek's, of which log by its members, where the log's name stands.
    private var isZeek = false
    private var log: String?
    private var pathPlace = 0..<0
    /// The path to the member that is being read.
    private var memberPath: [UInt8] = []
    private var separator = UInt8(ascii: ",")
    /// Whether a value may stand in quotes.
    private var isQuoted = true

    /// Takes one line.
    mutating func parse(_ bytes: [UInt8], _ range: Range<Int>) throws(Refusal) -> Parsed {
        var range = range
        if range.upperBound > range.lowerBound, bytes[range.upperBound - 1] == 0x0d {
            range = range.lowerBound..<range.upperBound - 1
        }
        // A byte order mark, as some tools put it before JSON.
        if bytes[range].starts(with: [0xef, 0xbb, 0xbf]) { range = range.lowerBound + 3..<range.upperBound }
        switch bytes[range].first {
        case nil: return .header
        case UInt8(ascii: "{"):
            if isRecord(bytes, range) { return .record }
            return .row(try object(bytes, range))
        case UInt8(ascii: "#"):
            comment(bytes[range])
            return .header
        default: break
        }
        guard !columns.isEmpty else {
            try takeNames(bytes, range)
            return .header
        }
        return .row(try values(bytes, range))
    }

    private static let timeMark = Array("\"@timestamp\":".utf8)
    private static let recordMark = Array("\"tattle\":{".utf8)

    /// Whether an object is a record of tattle's in ECS: its other forms have other names for the time.
    private func isRecord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        // tattle's own begin with the time.
        let isFirst = bytes[range].dropFirst().starts(with: Self.timeMark)
        return (isFirst || Self.contains(bytes, range, Self.timeMark))
            && Self.contains(bytes, range, Self.recordMark)
    }

    private static func contains(_ bytes: [UInt8], _ range: Range<Int>, _ wanted: [UInt8]) -> Bool {
        // The range is one of `bytes`.
        unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe tattle_find(start + range.lowerBound, range.count, wanted, wanted.count) >= 0
        }
    }

    /// Takes a line of Zeek's header.
    private mutating func comment(_ line: ArraySlice<UInt8>) {
        let parts = line.split(separator: 0x09).map { String(decoding: $0, as: UTF8.self) }
        switch parts.first {
        case "#fields":
            columns = parts.dropFirst().map { Column(name: $0, ofHost: .domain) }
            (separator, isQuoted) = (0x09, false)
        case "#path": path = parts.count > 1 ? parts[1] : nil
        default: break
        }
    }

    /// Takes the line that names the columns.
    private mutating func takeNames(_ bytes: [UInt8], _ range: Range<Int>) throws(Refusal) {
        separator = bytes[range].contains(0x09) ? 0x09 : UInt8(ascii: ",")
        isQuoted = true
        var columns: [Column?] = []
        try fields(bytes, range) { range in
            let name = bytes[range].filter { $0 != UInt8(ascii: "\"") && $0 != 0x20 }
            let text = String(decoding: name, as: UTF8.self)
            columns.append(Column(name: text, ofHost: .host))
        }
        self.columns = columns
        guard columns.contains(.time), columns.contains(.destination) || columns.contains(.domain) else {
            self.columns = []
            throw Refusal(reason: "neither JSON nor names of columns, of which a time and a destination are needed")
        }
    }

    private func values(_ bytes: [UInt8], _ range: Range<Int>) throws(Refusal) -> Row {
        var row = Row(bytes)
        var count = 0
        try fields(bytes, range) { range in
            if count < columns.count, let column = columns[count] { row.set(column, range) }
            count += 1
        }
        guard count == columns.count else {
            throw Refusal(reason: "\(count) values where there are \(columns.count) columns")
        }
        return row
    }

    /// Calls `body` with where each value stands.
    private func fields(_ bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void) throws(Refusal) {
        var first = range.lowerBound
        var index = first
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == separator {
                body(first..<index)
                first = index + 1
            } else if isQuoted, byte == UInt8(ascii: "\""), index == first {
                // Two quotes are one within the value.
                index += 1
                while index < range.upperBound {
                    if bytes[index] == UInt8(ascii: "\"") {
                        guard index + 1 < range.upperBound, bytes[index + 1] == UInt8(ascii: "\"") else { break }
                        index += 1
                    }
                    index += 1
                }
                guard index < range.upperBound else { throw Refusal(reason: "a quote that does not end") }
            }
            index += 1
        }
        body(first..<range.upperBound)
    }

    /// Takes one object, with the members of objects in it.
    private mutating func object(_ bytes: [UInt8], _ range: Range<Int>) throws(Refusal) -> Row {
        var row = Row(bytes)
        var scanner = JSONScanner(bytes, range)
        memberPath.removeAll(keepingCapacity: true)
        (isZeek, log, pathPlace) = (false, nil, 0..<0)
        do throws(Malformed) {
            try members(&scanner, bytes, depth: 0, into: &row)
            guard scanner.peek() == 0 else { throw scanner.syntaxError }
        } catch {
            throw Refusal(reason: error.description)
        }
        let declared = pathPlace.isEmpty ? nil : String(decoding: bytes[pathPlace], as: UTF8.self)
        path = isZeek ? declared ?? log : nil
        row.move(.hostOrDomain, to: isZeek ? .domain : .host)
        return row
    }

    private mutating func members(
        _ scanner: inout JSONScanner, _ bytes: [UInt8], depth: Int, into row: inout Row
    ) throws(Malformed) {
        let length = memberPath.count
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            memberPath.append(contentsOf: bytes[name])
            switch scanner.peek() {
            case UInt8(ascii: "{") where depth < 4:
                memberPath.append(UInt8(ascii: "."))
                try members(&scanner, bytes, depth: depth + 1, into: &row)
            case UInt8(ascii: "[") where depth < 4: try elements(&scanner, bytes, depth: depth, into: &row)
            default: try value(&scanner, into: &row)
            }
            memberPath.removeLast(memberPath.count - length)
        }
    }

    private mutating func value(_ scanner: inout JSONScanner, into row: inout Row) throws(Malformed) {
        let first = scanner.index
        try scanner.skip()
        let member = names.member(at: memberPath)
        if let column = member.column { row.set(column, first..<scanner.index) }
        switch member.sign {
        case nil: break
        case .zeek: isZeek = true
        case .log(let name): log = name
        // Without its quotes.
        case .path where scanner.index - first > 2: pathPlace = first + 1..<scanner.index - 1
        case .path: break
        }
    }

    /// Takes the members of the objects in an array, as if there were one; an array of anything else is one value.
    private mutating func elements(
        _ scanner: inout JSONScanner, _ bytes: [UInt8], depth: Int, into row: inout Row
    ) throws(Malformed) {
        var ahead = scanner
        try ahead.enterArray()
        guard ahead.peek() == UInt8(ascii: "{") else { return try value(&scanner, into: &row) }
        scanner = ahead
        memberPath.append(UInt8(ascii: "."))
        while try scanner.nextElement() {
            guard scanner.peek() == UInt8(ascii: "{") else {
                try scanner.skip()
                continue
            }
            try members(&scanner, bytes, depth: depth + 1, into: &row)
        }
    }
}
