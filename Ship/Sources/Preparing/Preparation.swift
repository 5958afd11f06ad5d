public import Delivery
public import Following
internal import Model
internal import Reading
internal import Records
public import Rules
public import ShipSettings

/// Makes of lines as they stand in the log what one destination gets: selected, converted, with its fields.
///
/// What it cannot read it leaves as it is: no record is lost for a filter.
public final class Preparation {
    private let kinds: Set<[UInt8]>
    private let engine: RuleEngine?
    private let isOCSF: Bool
    private let fields: [StaticField]
    private let notice: SkippedNotice
    private var parser = RecordParser()
    /// The first line of the file that the parser is in.
    private var firstLine: [UInt8] = []
    private var writer: OCSFWriter?
    private var run = ""

    /// Makes one.
    ///
    /// - Parameters:
    ///   - rules: which records go there; nil: all. Those that collapse records are none for this.
    ///   - notice: writes the record that tells of skipped ones.
    public init(_ selection: Selection, rules: RuleSet?, notice: SkippedNotice) {
        kinds = Set(selection.kinds.map { Array($0.utf8) })
        engine = rules.map { RuleEngine($0) }
        isOCSF = selection.isOCSF
        fields = selection.fields
        self.notice = notice
    }

    /// What becomes of some lines.
    ///
    /// - Returns: lines for the destination, maybe none, and those that cannot be converted.
    public func prepare(_ passage: Passage) -> (bytes: [UInt8], letters: [DeadLetter]) {
        var output: [UInt8] = []
        var letters: [DeadLetter] = []
        if let skipped = passage.skipped {
            let isOCSF = isOCSF || !Self.isECS(passage.firstLine[...])
            append(notice.line(skipped, isOCSF: isOCSF)[...], to: &output)
        }
        guard engine != nil || isOCSF || !kinds.isEmpty || !fields.isEmpty else {
            return (output.isEmpty ? passage.bytes : output + passage.bytes, [])
        }
        enter(passage)
        output.reserveCapacity(passage.bytes.count + passage.bytes.count / 8)
        var buffer = LineBuffer()
        for range in Batch(bytes: passage.bytes).lines {
            guard isWantedKind(passage.bytes[range]) else { continue }
            guard engine != nil || isOCSF else {
                append(passage.bytes[range], to: &output)
                continue
            }
            guard let record = try? parser.parse(passage.bytes, range) else {
                // Of the log in OCSF, or damaged: whoever gets it decides.
                append(passage.bytes[range], to: &output)
                continue
            }
            if let engine, let event = record.event, !engine.admits(event, emit: { _ in }) { continue }
            guard isOCSF else {
                append(passage.bytes[range], to: &output)
                continue
            }
            guard let event = record.event else {
                let reason = "this version cannot convert '\(record.action)' to OCSF"
                letters.append(DeadLetter(record: Array(passage.bytes[range]), reason: reason))
                continue
            }
            convert(record, event, into: &buffer)
            append(buffer.copy().dropLast(), to: &output)
            buffer.removeAll()
        }
        return (output, letters)
    }

    /// Tells the parser of the file's run when its lines are not read from the first one on.
    private func enter(_ passage: Passage) {
        guard engine != nil || isOCSF, passage.firstLine != firstLine else { return }
        firstLine = passage.firstLine
        if !passage.bytes.starts(with: firstLine) { _ = try? parser.parse(firstLine, firstLine.indices) }
    }

    /// Whether a line is of tattle's in ECS; else it is in OCSF.
    private static func isECS(_ line: ArraySlice<UInt8>) -> Bool { line.starts(with: "{\"@timestamp\"".utf8) }

    private func isWantedKind(_ line: ArraySlice<UInt8>) -> Bool {
        guard !kinds.isEmpty, Self.isECS(line) else { return true }
        guard let start = index(after: "\"action\":\"", in: line) else { return true }
        return kinds.contains(Array(line[start...].prefix(65).prefix { $0 != UInt8(ascii: "\"") }))
    }

    private func convert(_ record: LogRecord, _ event: TraceEvent, into buffer: inout LineBuffer) {
        if writer == nil || record.run.runID != run {
            run = record.run.runID
            writer = OCSFWriter(
                context: record.run, clock: record.clock, names: { [names = parser.names] in names[$0] })
        }
        writer?.clock = record.clock
        writer?.resume(lineCount: record.sequence, ownEvents: record.ownNumber)
        writer?.write(event, into: &buffer)
    }

    /// Appends a line, with the fields before its last brace.
    private func append(_ line: ArraySlice<UInt8>, to output: inout [UInt8]) {
        guard !fields.isEmpty, line.last == UInt8(ascii: "}"), line.count > 2 else {
            output += line
            output.append(UInt8(ascii: "\n"))
            return
        }
        output += line.dropLast()
        output += Self.isECS(line) ? labels : enrichments
        output.append(UInt8(ascii: "}"))
        output.append(UInt8(ascii: "\n"))
    }

    /// `,"labels":{"site":"berlin"}`, as ECS has it.
    private lazy var labels = Array(
        ",\"labels\":{\(fields.map { "\"\($0.name)\":\(jsonText($0.value))" }.joined(separator: ","))}".utf8)

    /// `,"enrichments":[…]`, as OCSF has it.
    private lazy var enrichments: [UInt8] = {
        let items = fields.map { field in
            "{\"name\":\"\(field.name)\",\"value\":\(jsonText(field.value)),\"data\":{\"\(field.name)\":\(jsonText(field.value))}}"
        }
        return Array(",\"enrichments\":[\(items.joined(separator: ","))]".utf8)
    }()
}
