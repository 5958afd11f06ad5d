internal import Capture
internal import Logs

/// Exit codes, sysexits(3) where it has one for the case.
public enum ExitCode {
    /// Everything went well.
    public static let success: Int32 = 0
    /// `tattle doctor`: a trace runs, and does not see everything.
    public static let limited: Int32 = 3
    /// The call was wrong: EX_USAGE.
    public static let usage: Int32 = 64
    /// What was to be read is no log, or not all of it: EX_DATAERR.
    public static let dataError: Int32 = 65
    /// The kernel cannot be traced: EX_UNAVAILABLE.
    public static let unavailable: Int32 = 69
    /// The output cannot be made: EX_CANTCREAT.
    public static let cannotCreate: Int32 = 73
    /// The output could not be written: EX_IOERR.
    public static let ioError: Int32 = 74
    /// Capabilities are missing: EX_NOPERM.
    public static let noPermission: Int32 = 77
    /// The configuration cannot be read, or something in it is wrong: EX_CONFIG.
    public static let configuration: Int32 = 78
    /// COMMAND could not be executed, as shells say it.
    public static let commandNotExecutable: Int32 = 126
    /// COMMAND was not found, as shells say it.
    public static let commandNotFound: Int32 = 127
}

/// Why a run could not begin, or ended early: one line for a person and an exit code.
public struct TracingError: Error, Sendable, CustomStringConvertible {
    /// One line: what is wrong and what can be done.
    public let description: String
    /// One of ``ExitCode``.
    public let exitCode: Int32

    /// Makes an error.
    public init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }
}

/// How far local time is ahead of UTC now, seconds.
public func utcOffsetSeconds() -> Int32 { SystemContext.utcOffset() }
