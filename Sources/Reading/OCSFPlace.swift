/// Where in a run a line in OCSF stands, as far as the next run wants to know it.
struct OCSFPlace {
    /// `metadata.product.uid`.
    var runID = ""
    /// `metadata.sequence`.
    var sequence: UInt64 = 0
    /// `metadata.original_time`, nanoseconds since 1970.
    var unixNanoseconds: UInt64 = 0
    /// Whether it is the last line of a run: Application Lifecycle: Stop.
    var isStop = false

    /// `type_uid` of the last line of a run.
    private static let stop: UInt64 = 600_204

    /// Reads a line; nil: it is no record of tattle's in OCSF.
    init?(_ line: [UInt8]) {
        var scanner = JSONScanner(line, line.indices)
        var isTold = false
        do throws(Malformed) {
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "type_uid": isStop = try scanner.number() == Self.stop
                case "metadata":
                    try metadata(&scanner)
                    isTold = true
                default: try scanner.skip()
                }
            }
        } catch { return nil }
        guard isTold, !runID.isEmpty, unixNanoseconds != 0 else { return nil }
    }

    private mutating func metadata(_ scanner: inout JSONScanner) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "product": try product(&scanner)
            case "sequence": sequence = try scanner.number()
            case "original_time": unixNanoseconds = try scanner.time()
            default: try scanner.skip()
            }
        }
    }

    private mutating func product(_ scanner: inout JSONScanner) throws(Malformed) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if case "uid" = key { runID = try scanner.text() } else { try scanner.skip() }
        }
    }
}
