internal import Foundation

/// What the workload says of itself.
struct Truth: Decodable {
    struct Attempt: Decodable {
        /// Empty: the protocol has no keyword, or it is no IP.
        var transport: String
        var iana_number: Int?
        /// Empty: neither IP nor a frame.
        var network_type: String?
        /// Empty: not IP.
        var ip: String
        /// 0: none.
        var port: UInt32
        var scope: String?
        /// vsock: the CID.
        var address: String?
        var mac: String?
        var interface_index: UInt32?
        /// What the program bound its socket to; nil: it did not.
        var source_ip: String?
        var source_port: UInt16?
        var via: String?
        var result: String
        var error: String?
        var later_error: String?
        var blocked_by: String?
        /// This kernel may not tell who blocked it.
        var is_blocker_hidden: Bool?
        /// Made by a thread of the kernel's own, which the workload does not know.
        var is_kernels: Bool?
        /// Then, the namespace it was made in.
        var netns: UInt64?
        /// Made by a thread that the kernel lends the process.
        var is_any_thread: Bool?
        var is_late: Bool
        var is_any_time: Bool
        var has_disconnect: Bool
        var pid: Int32
        var tid: Int32
        var thread_name: String
        var bytes_sent: UInt64
        var bytes_received: UInt64
        var datagrams: UInt64
        /// Calls that succeeded: more than datagrams when corked, fewer when the kernel segments.
        var sends: UInt64?
        var failures: UInt64
    }

    var kind: String
    var status: String
    var pid: Int32
    var problem: String
    var attempts: [Attempt]

    /// The same without what threads of the kernel's are counted under.
    var ownPIDs: Set<Int32> { pids.subtracting([0]) }

    /// Every process that made an attempt of this kind.
    var pids: Set<Int32> { Set(attempts.map(\.pid)).union([pid]) }
}
