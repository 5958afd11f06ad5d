/// Exit codes of tattle-ship, sysexits(3) where it has one for the case; the same as tattle's.
public enum ShipExitCode {
    /// Everything went well.
    public static let success: Int32 = 0
    /// `tattle-ship status`: something is not being delivered.
    public static let limited: Int32 = 3
    /// The call was wrong: EX_USAGE.
    public static let usage: Int32 = 64
    /// The folder to read from cannot be read: EX_NOINPUT.
    public static let noInput: Int32 = 66
    /// Something in the state folder, or an output, cannot be made: EX_CANTCREAT.
    public static let cannotCreate: Int32 = 73
    /// The standard output could not be written: EX_IOERR.
    public static let ioError: Int32 = 74
    /// The configuration cannot be read, or something in it is wrong: EX_CONFIG.
    public static let configuration: Int32 = 78
}

/// Why tattle-ship cannot start: one line for a person and an exit code.
public struct ShipConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: what is wrong, where, and what can be done; without secrets.
    public let description: String
    /// One of ``ShipExitCode``.
    public let exitCode: Int32

    /// Makes an error.
    public init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }
}
