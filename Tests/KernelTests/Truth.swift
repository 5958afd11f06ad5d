internal import Foundation

/// What the workload says of itself.
struct Truth: Decodable {
    struct Attempt: Decodable {
        var transport: String
        var ip: String
        var port: UInt16
        var result: String
        var error: String?
        var later_error: String?
        var blocked_by: String?
        var is_late: Bool
        var is_any_time: Bool
        var has_disconnect: Bool
        var pid: Int32
        var tid: Int32
        var thread_name: String
        var bytes_sent: UInt64
        var bytes_received: UInt64
        var datagrams: UInt64
        var failures: UInt64
    }

    var kind: String
    var status: String
    var pid: Int32
    var problem: String
    var attempts: [Attempt]

    /// Every process that made an attempt of this kind.
    var pids: Set<Int32> { Set(attempts.map(\.pid)).union([pid]) }
}
