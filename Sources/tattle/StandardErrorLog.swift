internal import Logging

/// swift-log to stderr: a line each, `tattle:` before it; below warnings only with --verbose.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(isVerbose: Bool) { logLevel = isVerbose ? .info : .warning }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { complain(event.message.description) }
}
