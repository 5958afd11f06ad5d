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
        var transport: String?
        var iana_number: String?
        var type: String?
        var direction: String
    }

    struct Side: Decodable {
        var address: String?
        var ip: String?
        var port: UInt32?
        var mac: String?
        var bytes: UInt64?
    }

    struct Code: Decodable {
        var code: String
    }

    /// A user or a group.
    struct User: Decodable {
        var id: String
        var name: String?
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

        struct Destination: Decodable {
            var scope: String?
        }

        struct Socket: Decodable {
            var interface_index: UInt32?
        }

        struct Lost: Decodable {
            /// The run that ended without a word.
            struct Run: Decodable {
                var id: String
                var last_sequence: UInt64
            }

            var cause: String
            var count: UInt64
            var attempts: UInt64
            var run: Run?
        }

        /// The file that a line begins.
        struct File: Decodable {
            var sequence: UInt64
            var cause: String
        }

        struct Totals: Decodable {
            var attempts: UInt64
            var failed: UInt64
            var resolved: UInt64
            var disconnects: UInt64
            var lost: UInt64
            var withheld: UInt64?
        }

        /// What a rule of the configuration did.
        struct Rule: Decodable, Equatable {
            var name: String
            var action: String
            var matched: UInt64
            var withheld: UInt64
            var withheld_attempts: UInt64
            var summaries: UInt64?
        }

        /// The configuration.
        struct Config: Decodable {
            var file: String
            var sha256: String
            var rules: Int
            var rule_names: [String]
        }

        /// Repeats that a rule collapsed.
        struct Aggregate: Decodable {
            struct Gap: Decodable {
                var min_ns: UInt64
                var max_ns: UInt64
                var mean_ns: UInt64
                var stddev_ns: UInt64
            }

            var action: String
            var rule: String
            var count: UInt64
            var gap: Gap
        }

        struct Connection: Decodable {
            var state: String?
            var inode: String?
            var other_owners: Int?
        }

        struct Heartbeat: Decodable {
            struct Namespace: Decodable {
                struct Recorded: Decodable {
                    var tcp_syn: Int64
                    var flow_datagrams: UInt64
                }

                struct Missing: Decodable {
                    var tcp_syn: UInt64?
                    var datagrams: UInt64?
                }

                var netns: UInt64
                var kernel: [String: UInt64]?
                var recorded: Recorded?
                var missing: Missing?
            }

            struct Ring: Decodable {
                var bytes: UInt64
            }

            struct Map: Decodable {
                var entries: UInt64
                var capacity: UInt64
            }

            var maps: [String: Map]?
            var final: Bool
            var cpu_ns: UInt64
            var resident_bytes: UInt64
            var ring: Ring
            var reconciled: Bool
            var namespaces: [Namespace]?
        }

        struct Stop: Decodable {
            var reason: String
            var signal: Int32?
            var status: Int32?
        }

        struct Beacon: Decodable {
            struct Caller: Decodable {
                var kind: String
                var name: String
            }

            struct Modifier: Decodable {
                var name: String
            }

            var caller: Caller
            var destination: String
            var period_seconds: Double
            var beats: Int
            var calls: Int
            var modifiers: [Modifier]
        }

        var attempt: Attempt?
        var beacon: Beacon?
        var via: String?
        var blocked_by: String?
        var hook_set: String?
        var attribution: Attribution?
        var flow: Flow?
        var destination: Destination?
        var socket: Socket?
        var lost: Lost?
        var file: File?
        var totals: Totals?
        var rules: [Rule]?
        var config: Config?
        var aggregate: Aggregate?
        var stop: Stop?
        var connection: Connection?
        var netns: UInt64?
        var heartbeat: Heartbeat?
        var process: Program?
        var filtered: Bool?
        var filters: [String]?
        var settle_ns: UInt64?
        var ring_bytes: UInt64?
        var command: [String]?
        var cgroup: Cgroup?
        var unit: String?
        var slice: String?
    }

    /// Who wrote it.
    struct Agent: Decodable {
        /// The run's id.
        var ephemeral_id: String
    }

    var event: Event
    var agent: Agent?
    var network: Network?
    var source: Side?
    var destination: Side?
    var error: Code?
    var process: Process?
    var user: User?
    var tattle: Tattle?
    var container: Container?
    var kubernetes: Kubernetes?

    /// `tattle.attempt.id`.
    var attemptID: String? { tattle?.attempt?.id }
    /// `tattle.attempt.result`.
    var result: String? { tattle?.attempt?.result }

    enum CodingKeys: CodingKey {
        case event, agent, network, source, destination, error, process, user, tattle, container, kubernetes
    }
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
