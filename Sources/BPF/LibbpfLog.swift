internal import CLibbpf
internal import Glibc
internal import Synchronization

/// Keeps the last lines that libbpf would have printed, for the error that comes of them.
enum LibbpfLog {
    private static let limit = 24
    private static let lines = Mutex<[String]>([])
    private static let install: Void = {
        // The callback captures nothing and copies the text before it returns.
        _ = unsafe libbpf_set_print { level, format, arguments in
            guard level.rawValue <= LIBBPF_WARN.rawValue, let format = unsafe format, let arguments = unsafe arguments
            else { return 0 }
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
                let written = unsafe vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
                guard written > 0 else { return }
                LibbpfLog.append(unsafe String(cString: buffer.baseAddress!))
            }
            return 0
        }
    }()

    /// Silences libbpf and starts keeping.
    static func start() { install }

    private static func append(_ text: String) {
        let new = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        lines.withLock { kept in
            kept.append(contentsOf: new)
            if kept.count > limit { kept.removeFirst(kept.count - limit) }
        }
    }

    /// What was kept since the last call.
    static func take() -> [String] {
        lines.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}
