internal import Delivery
internal import Glibc
internal import Rules
internal import ShipSettings

/// Now, nanoseconds since 1970.
func unixNanoseconds() -> UInt64 {
    var time = timespec()
    // `time` lives through the call; this clock always exists.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(time.tv_sec, 0)) * 1_000_000_000 + UInt64(max(time.tv_nsec, 0))
}

/// Now, seconds since 1970.
func unixSeconds() -> Int64 { Int64(clamping: unixNanoseconds() / 1_000_000_000) }

/// What this machine is called.
func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    // Writes at most name.count - 1 bytes and leaves the last one 0.
    _ = unsafe gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension RuleSet {
    /// Reads the rules of a destination.
    init(shipFile path: String) throws(ShipConfigurationError) {
        let bytes = try ShipSettings.content(of: path)
        do throws(ConfigurationProblems) {
            let users = Self.users()
            try self.init(configuration: bytes) { name in users[name] ?? UInt32(name) }
        } catch {
            let first = error.problems.first.map { "\($0)" } ?? "something is wrong"
            throw ShipConfigurationError("\(path):\(first)", exitCode: ShipExitCode.configuration)
        }
        for rule in rules {
            if case .aggregate = rule.action {
                throw ShipConfigurationError(
                    "\(path): '\(rule.name)' collapses records, which only tattle can: here rules keep, drop and sample",
                    exitCode: ShipExitCode.configuration)
            }
        }
    }
}

extension RuleSet {
    /// The users of /etc/passwd, never of a network name service.
    private static func users() -> [String: UInt32] {
        let bytes = (try? ShipSettings.content(of: "/etc/passwd")) ?? []
        var users: [String: UInt32] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 2, let id = UInt32(fields[2]) else { continue }
            if users[String(fields[0])] == nil { users[String(fields[0])] = id }
        }
        return users
    }
}

/// Takes everything and sends nothing.
struct CountingReceiver: Receiver {
    let name: String
    let limits: BatchLimits
    func deliver(_ batch: Batch) async -> DeliveryResult { .acknowledged(rejected: []) }
    func close() async {}
}

/// Keeps nothing: nothing was sent.
struct NoLetters: DeadLetterBox {
    func keep(_ letters: [DeadLetter]) async -> String? { nil }
}
