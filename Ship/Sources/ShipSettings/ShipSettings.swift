internal import Delivery
internal import TOML

/// Everything that the call and tattle-ship.toml say together.
public struct ShipSettings: Sendable, Equatable {
    /// The folder that tattle writes.
    public var folder: String
    /// The folder that checkpoints, dead letters and the status are in.
    public var stateFolder: String
    /// Where records go; at least one, no two of the same name.
    public var destinations: [DestinationSettings]
    /// A file that is rewritten for Prometheus; nil: none.
    public var metricsFile: String?
    /// The port on loopback that Prometheus asks; nil: none.
    public var metricsPort: UInt16?
    /// How long the batches in flight may take when the program is to end.
    public var stopLimit: Duration

    /// Where state is kept where nobody says so.
    public static let defaultStateFolder = "/var/lib/tattle-ship"
    /// More destinations are refused: each has its own buffers.
    public static let mostDestinations = 16
    /// The batches of all destinations together that do not say how large theirs are; of each there are several in memory.
    public static let sharedBatchBytes = 4 << 20
}

/// What the call says; what it does not say the file may.
public struct ShipArguments: Sendable {
    /// `--from`.
    public var folder: String?
    /// `--to`, each.
    public var destinations: [String] = []
    /// `--config`.
    public var configurationFile: String?
    /// `--state`.
    public var stateFolder: String?
    /// `--metrics-file`.
    public var metricsFile: String?
    /// `--metrics-port`.
    public var metricsPort: UInt16?

    /// Says nothing.
    public init() {}
}

extension ShipSettings {
    /// Reads what is wanted: arguments first, then the file, then defaults.
    ///
    /// - Throws: `ShipConfigurationError`, with 64 for what is wrong in the call, 78 for what is in the file, or is wrong
    ///   only with what it adds.
    public init(_ arguments: ShipArguments) throws(ShipConfigurationError) {
        var file = ShipFile()
        if let path = arguments.configurationFile { file = try ShipFile(path: path) }
        var destinations: [DestinationSettings] = []
        for (index, text) in arguments.destinations.enumerated() {
            do throws(SettingsProblem) {
                destinations.append(try DestinationReader(text).finished())
            } catch {
                let which = arguments.destinations.count > 1 ? " (number \(index + 1))" : ""
                throw ShipConfigurationError("--to\(which): \(error.message)", exitCode: ShipExitCode.usage)
            }
        }
        destinations += file.destinations
        guard let folder = arguments.folder ?? file.folder else {
            throw ShipConfigurationError(
                "nobody says what is to be delivered: --from FOLDER, the one that tattle trace --output writes",
                exitCode: ShipExitCode.usage)
        }
        guard !destinations.isEmpty else {
            throw ShipConfigurationError(
                "nobody says where to: --to URL, or [[destination]] in --config", exitCode: ShipExitCode.usage)
        }
        guard destinations.count <= Self.mostDestinations else {
            throw ShipConfigurationError(
                "there are more than \(Self.mostDestinations) destinations: start another tattle-ship with a state folder of its own",
                exitCode: arguments.destinations.count > Self.mostDestinations
                    ? ShipExitCode.usage : ShipExitCode.configuration)
        }
        var names: Set<String> = []
        for (index, destination) in destinations.enumerated() where !names.insert(destination.name).inserted {
            throw ShipConfigurationError(
                "two destinations are called '\(destination.name)': give one another name with #name=…, or name in its table",
                exitCode: index < arguments.destinations.count ? ShipExitCode.usage : ShipExitCode.configuration)
        }
        self.folder = folder
        self.destinations = destinations.map { destination in
            var destination = destination
            if !destination.hasOwnBatchBytes {
                destination.limits.bytes = min(destination.limits.bytes, Self.sharedBatchBytes / destinations.count)
            }
            return destination
        }
        stateFolder = Self.defaultStateFolder(said: arguments.stateFolder ?? file.stateFolder)
        metricsFile = arguments.metricsFile ?? file.metricsFile
        metricsPort = arguments.metricsPort ?? file.metricsPort
        stopLimit = file.stopLimit ?? .seconds(10)
    }
}

extension ShipSettings {
    /// Where state is kept: as it is said, as a file of settings says, or where systemd says.
    ///
    /// Nothing else is read of the file: whoever asks how it stands need not know its secrets.
    ///
    /// - Throws: `ShipConfigurationError`, with 78: the file cannot be read, or says something else than a path.
    public static func stateFolder(
        _ said: String?, configurationFile: String? = nil
    ) throws(ShipConfigurationError) -> String {
        if let said { return said }
        if let path = configurationFile, let folder = try ShipFile.stateFolder(of: path) { return folder }
        return defaultStateFolder(said: nil)
    }

    fileprivate static func defaultStateFolder(said: String?) -> String {
        said ?? SettingsFile.environment("STATE_DIRECTORY") ?? defaultStateFolder
    }

    /// The content of a file that the settings name, of 1 MiB at most.
    ///
    /// - Throws: `ShipConfigurationError`, with 78: it cannot be read, is longer, or everybody may write it.
    public static func content(of path: String) throws(ShipConfigurationError) -> [UInt8] {
        do throws(FileProblem) {
            return try SettingsFile.read(path, atMost: 1 << 20)
        } catch {
            throw ShipConfigurationError(
                "cannot use '\(path)': \(error.message)", exitCode: ShipExitCode.configuration)
        }
    }
}
