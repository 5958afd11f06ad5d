internal import ArgumentParser
internal import BeaconLogs
internal import Beacons
internal import Conversion
internal import Glibc
internal import Model
internal import TraceSession

/// `tattle beacons`: who calls home, from logs.
struct BeaconsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "beacons",
        abstract: "Find in logs what calls home: which program or host, where, how often, how sure.",
        discussion: """
            Reads tattle's own logs and the folders that a trace writes into, Zeek's conn, http, ssl and dns (also together: names of one are used for the others), \
            Sysmon's event 3 as JSON, OCSF's Network Activity, and values with named columns; also compressed with gzip or zstd; - is the \
            standard input. docs/BEACONS.md says how the score comes about.

            Examples:
              tattle beacons conn.log.gz ssl.log.gz http.log.gz
              tattle beacons --all --explain 3 log.ndjson
              tattle beacons /var/log/tattle
              tattle beacons --allow domain:*.example.org --allow cidr:198.51.100.0/24 conn.log

            Exit codes: 0 all of it was read, 64 the call is wrong, 65 something could not be read, \
            74 the output could not be written.
            """)

    /// How findings are written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case ndjson
    }

    /// What to compare with.
    enum Peer: String, ExpressibleByArgument, CaseIterable {
        case rita
    }

    @Option(help: "table: for a person; ndjson: a line of ECS for each finding.")
    var format = Format.table

    @Flag(name: .customLong("all"), help: "Also what is below the threshold, with what lowered it.")
    var showsAll = false

    @Option(
        name: .customLong("explain"),
        help: ArgumentHelp("Everything about the finding of this rank, or its line alone.", valueName: "n"))
    var explained: Int?

    @OptionGroup
    var allowing: AllowOptions

    @Option(
        name: .customLong("compare"), help: "rita: RITA v5's score beside ours, which reads the logs a second time.")
    var peer: Peer?

    @Argument(help: ArgumentHelp("What to read.", valueName: "log"))
    var logs: [String]

    mutating func validate() throws {
        if peer != nil, !CallLogs.canBeReadAgain(logs) {
            throw ValidationError("--compare reads twice, which only files can be")
        }
        if let explained, explained < 1 { throw ValidationError("--explain takes a rank from 1 on") }
    }

    mutating func run() throws {
        let command = self
        try finish { () throws(LogOutput.Closed) in try command.report() }
    }

    private func report() throws(LogOutput.Closed) -> Bool {
        var store = CallStore()
        var reader = CallLogs(paths: logs)
        let bar = ProgressBar()
        let result = reader.read(
            progress: { bar.show($0.share, "\($0.lines) lines") },
            complain: {
                bar.clear()
                complain($0)
            },
            take: { entry in
                if let flow = entry.flow {
                    store.add(flow, beganWith: entry.call, traits: entry.traits)
                } else {
                    store.add(entry.call, traits: entry.traits)
                }
            })
        bar.show(1, "\(store.calls) calls; scoring")
        let all = store.findings(allowed: allowing.list)
        bar.clear()
        let findings = showsAll || explained != nil ? all : all.filter(\.isBeacon)
        try write(findings)
        complain(
            "\(result.lines) line\(result.lines == 1 ? "" : "s"), \(store.calls) calls, "
                + "\(all.count(where: \.isBeacon)) beacons, \(all.count(where: { !$0.isBeacon })) below the threshold"
                + (store.forgottenKeys > 0
                    ? ", \(store.forgottenKeys) pairs with \(store.forgottenCalls) calls forgotten for want of room"
                    : "")
                + (store.lateCalls > 0 ? ", \(store.lateCalls) calls came too late to be put in order" : ""))
        return result.isComplete
    }

    private func write(_ findings: [Finding]) throws(LogOutput.Closed) {
        var scores: [Double?] = []
        if peer == .rita {
            var comparison = RitaComparison(findings)
            var reader = CallLogs(paths: logs)
            _ = reader.read(complain: { _ in }, take: { comparison.add($0) })
            scores = findings.map { comparison.score($0) }
        }
        if let explained, explained > findings.count {
            complain(findings.count == 1 ? "there is only 1 finding" : "there are only \(findings.count) findings")
            return
        }
        var output = LogOutput()
        if format == .ndjson {
            for (index, finding) in findings.enumerated() where explained.map({ $0 == index + 1 }) ?? true {
                try output.write(
                    FindingRecord.line(finding, rank: index + 1, rita: index < scores.count ? scores[index] : nil))
            }
        } else if let explained {
            try output.write(FindingReport.explanation(findings[explained - 1], rank: explained))
        } else if !findings.isEmpty {
            try output.write(FindingReport.table(findings, rita: scores))
        }
        try output.flush()
    }
}
