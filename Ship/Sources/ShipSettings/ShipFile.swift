internal import TOML

/// What tattle-ship.toml says.
struct ShipFile {
    var folder: String?
    var stateFolder: String?
    var metricsFile: String?
    var metricsPort: UInt16?
    var stopLimit: Duration?
    var destinations: [DestinationSettings] = []
    private var problems: [Problem] = []

    private static let longest = 1 << 20
    private static let keys = ["from", "state", "metrics-file", "metrics-port", "stop-limit"]

    /// Says nothing.
    init() {}

    /// Reads a file.
    init(path: String) throws(ShipConfigurationError) {
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try SettingsFile.read(path, atMost: Self.longest)
        } catch {
            throw ShipConfigurationError(
                "cannot use '\(path)': \(error.message)", exitCode: ShipExitCode.configuration)
        }
        let document = Document(bytes)
        problems = document.problems
        for table in document.tables { read(table) }
        problems.sort { ($0.position.line, $0.position.column) < ($1.position.line, $1.position.column) }
        if let first = problems.first {
            let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
            throw ShipConfigurationError("\(path):\(first)\(more)", exitCode: ShipExitCode.configuration)
        }
    }

    /// What a file says about where state is kept; nil: nothing.
    ///
    /// Nothing else in it is looked at, so that nothing else can be wrong.
    static func stateFolder(of path: String) throws(ShipConfigurationError) -> String? {
        let members = Document(try ShipSettings.content(of: path)).tables.first { $0.name.isEmpty }?.members ?? []
        guard let member = members.first(where: { $0.key == "state" }) else { return nil }
        do throws(SettingsProblem) {
            return try OptionValue.toml(member.value).path("state")
        } catch {
            throw ShipConfigurationError(
                "\(path):\(Problem(member.position, error.message))", exitCode: ShipExitCode.configuration)
        }
    }

    private mutating func read(_ table: Table) {
        switch (table.name, table.isArrayElement) {
        case ([], _): for member in table.members { readTopMember(member) }
        case (["destination"], true): readDestination(table)
        default:
            let name = table.name.joined(separator: ".")
            let header = table.isArrayElement ? "[[\(name)]]" : "[\(name)]"
            problems.append(Problem(table.position, "there is no \(header): [[destination]] there is"))
        }
    }

    private mutating func readTopMember(_ member: Member) {
        let value = OptionValue.toml(member.value)
        do throws(SettingsProblem) {
            switch member.key {
            case "from": folder = try value.path("from")
            case "state": stateFolder = try value.path("state")
            case "metrics-file": metricsFile = try value.path("metrics-file")
            case "metrics-port": metricsPort = UInt16(try value.count("metrics-port", in: 1...65_535))
            case "stop-limit": stopLimit = try value.duration("stop-limit", in: .zero...(.seconds(600)))
            default:
                throw SettingsProblem(
                    "there is no \(member.key) in front of [[destination]]; there are "
                        + Self.keys.joined(separator: ", "))
            }
        } catch {
            problems.append(Problem(member.position, error.message))
        }
    }

    private mutating func readDestination(_ table: Table) {
        guard let to = table.members.first(where: { $0.key == "to" }) else {
            problems.append(Problem(table.position, "this destination has no 'to': its URL"))
            return
        }
        var position = to.value.position
        do throws(SettingsProblem) {
            var reader = try DestinationReader(try OptionValue.toml(to.value).text("to", atMost: 4096))
            for member in table.members where member.key != "to" {
                position = member.position
                try reader.set(member.key, .toml(member.value))
            }
            position = table.position
            destinations.append(try reader.finished())
        } catch {
            problems.append(Problem(position, error.message))
        }
    }
}
