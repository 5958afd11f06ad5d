internal import FoundationEssentials
internal import Glibc
public import ShipSettings

extension ShipStatus {
    /// Reads what a tattle-ship with this state folder wrote, and whether it runs.
    ///
    /// - Throws: `ShipConfigurationError`, with 66: it wrote nothing, or nothing that can be read.
    public static func read(
        stateFolder: String
    ) throws(ShipConfigurationError) -> (status: ShipStatus, isRunning: Bool, json: [UInt8]) {
        let path = StateFolder.status(in: stateFolder)
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ShipConfigurationError(
                "there is no '\(path)' that can be read: did tattle-ship ever run with that --state?",
                exitCode: ShipExitCode.noInput)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let status = try? decoder.decode(ShipStatus.self, from: data) else {
            throw ShipConfigurationError("'\(path)' is damaged", exitCode: ShipExitCode.noInput)
        }
        return (status, StateFolder.isInUse(stateFolder), Array(data))
    }

    /// As JSON, on one line.
    func json() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
    }

    /// For Prometheus, in its text format.
    public func metrics() -> String {
        var text = ""
        func metric(_ name: String, _ kind: String, _ help: String, _ value: (Destination) -> String?) {
            text += "# HELP tattle_ship_\(name) \(help)\n# TYPE tattle_ship_\(name) \(kind)\n"
            for destination in destinations {
                guard let value = value(destination) else { continue }
                text += "tattle_ship_\(name){destination=\"\(Self.label(destination.name))\"} \(value)\n"
            }
        }
        metric("delivered_records_total", "counter", "Records that the destination acknowledged.") {
            "\($0.deliveredRecords)"
        }
        metric("delivered_bytes_total", "counter", "Bytes of them, as they stood in the log or were converted.") {
            "\($0.deliveredBytes)"
        }
        metric("rejected_records_total", "counter", "Records that the destination will never take.") {
            "\($0.rejectedRecords)"
        }
        metric("skipped_records_total", "counter", "Records that were gone before they were delivered, at least.") {
            "\($0.skippedRecords)"
        }
        metric("retries_total", "counter", "Tries that failed.") { "\($0.retries)" }
        metric("failing", "gauge", "1 while something is in the way.") { $0.trouble == nil ? "0" : "1" }
        metric("behind_bytes", "gauge", "Bytes of the log that are not delivered.") { "\($0.behindBytes)" }
        metric("behind_records", "gauge", "Records that are not delivered, where that is known.") {
            $0.behindRecords.map { "\($0)" }
        }
        metric("behind_seconds", "gauge", "Seconds from the last delivered record to the newest.") {
            $0.behindSeconds.map { "\($0)" }
        }
        metric("last_delivery_timestamp_seconds", "gauge", "When something was acknowledged last.") {
            $0.lastDelivery.map { "\($0)" }
        }
        text += "# HELP tattle_ship_running 0 when it has ended.\n# TYPE tattle_ship_running gauge\n"
        text += "tattle_ship_running \(isEnded ? 0 : 1)\n"
        return text
    }

    /// The value of a label; a name has no control characters.
    private static func label(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : "\($1)" }
    }
}
