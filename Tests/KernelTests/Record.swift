internal import Foundation

/// One line of the log, as far as tests look at it.
struct Record: Decodable {
    struct Event: Decodable {
        var action: String
        var outcome: String?
        var sequence: UInt64
        var id: String
        var duration: UInt64?
    }

    struct Network: Decodable {
        var transport: String
        var type: String
        var direction: String
    }

    struct Side: Decodable {
        var ip: String?
        var port: UInt16?
        var bytes: UInt64?
    }

    struct Code: Decodable {
        var code: String
    }

    struct Thread: Decodable {
        var id: Int32
        var name: String?
    }

    struct Parent: Decodable {
        var pid: Int32
        var executable: String?
    }

    struct Process: Decodable {
        var pid: Int32
        var entity_id: String?
        var name: String?
        var executable: String?
        var args: [String]?
        var start: String?
        var thread: Thread
        var parent: Parent?
    }

    struct User: Decodable {
        var id: String
    }

    struct Tattle: Decodable {
        struct Attempt: Decodable {
            var id: String
            var result: String
            var bytes: UInt64?
        }

        struct Attribution: Decodable {
            var source: String
        }

        struct Flow: Decodable {
            var datagrams: UInt64
            var failures: UInt64
        }

        struct Lost: Decodable {
            var cause: String
            var count: UInt64
            var attempts: UInt64
        }

        struct Totals: Decodable {
            var attempts: UInt64
            var failed: UInt64
            var resolved: UInt64
            var disconnects: UInt64
            var lost: UInt64
        }

        struct Stop: Decodable {
            var reason: String
            var signal: Int32?
            var status: Int32?
        }

        struct Program: Decodable {
            var args_truncated: Bool?
            var args_bytes: UInt64?
        }

        var attempt: Attempt?
        var via: String?
        var blocked_by: String?
        var hook_set: String?
        var attribution: Attribution?
        var flow: Flow?
        var lost: Lost?
        var totals: Totals?
        var stop: Stop?
        var process: Program?
        var filtered: Bool?
        var filters: [String]?
        var settle_ns: UInt64?
        var ring_bytes: UInt64?
        var command: [String]?
    }

    var event: Event
    var network: Network?
    var source: Side?
    var destination: Side?
    var error: Code?
    var process: Process?
    var user: User?
    var tattle: Tattle?

    /// `tattle.attempt.id`.
    var attemptID: String? { tattle?.attempt?.id }
    /// `tattle.attempt.result`.
    var result: String? { tattle?.attempt?.result }

    enum CodingKeys: CodingKey {
        case event, network, source, destination, error, process, user, tattle
    }
}

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

extension String {
    /// Its lines as values.
    func decodedLines<Value: Decodable>(as type: Value.Type) throws -> [Value] {
        let decoder = JSONDecoder()
        return try split(separator: "\n", omittingEmptySubsequences: true).map { line in
            do {
                return try decoder.decode(type, from: Data(line.utf8))
            } catch {
                throw Child.Failure(description: "not a \(type) (\(error)): \(line.prefix(2000))")
            }
        }
    }
}
