internal import Foundation

/// What a record says of the process behind an attempt.
extension Record {
    struct Thread: Decodable {
        struct Capabilities: Decodable {
            var effective: [String]?
        }

        var id: Int32
        var name: String?
        var capabilities: Capabilities?
    }

    /// The parent, or the leader of the session.
    struct Relative: Decodable {
        var pid: Int32
        var entity_id: String?
        var start: String?
        var name: String?
        var executable: String?
        var args: [String]?
    }

    struct Hash: Decodable {
        var sha256: String?
    }

    struct Process: Decodable {
        struct Extension: Decodable {
            var ancestry: [String]?
        }

        struct Terminal: Decodable {
            struct Device: Decodable {
                var major: UInt32
                var minor: UInt32
            }

            var char_device: Device?
        }

        var pid: Int32
        var entity_id: String?
        var name: String?
        var executable: String?
        var args: [String]?
        var args_count: Int?
        var working_directory: String?
        var start: String?
        var vpid: Int32?
        var thread: Thread
        var parent: Relative?
        var session_leader: Relative?
        var tty: Terminal?
        var user: User?
        var real_user: User?
        var group: User?
        var real_group: User?
        var hash: Hash?
        var Ext: Extension?
    }

    struct Container: Decodable {
        var id: String?
        var runtime: String?
    }

    struct Kubernetes: Decodable {
        struct Pod: Decodable {
            var uid: String?
        }

        var pod: Pod?
    }
}

extension Record.Tattle {
    /// `tattle.process`.
    struct Program: Decodable {
        struct Ancestor: Decodable {
            var pid: Int32
            var name: String?
            var executable: String?
        }

        struct File: Decodable {
            var device: String?
            var inode: String?
        }

        struct Package: Decodable {
            var name: String?
            var version: String?
            var unchanged: Bool?
        }

        struct Namespaces: Decodable {
            var pid: UInt64?
            var mount: UInt64?
            var user: UInt64?
            var net: UInt64?
        }

        struct LoginUser: Decodable {
            var id: String?
        }

        var args_truncated: Bool?
        var args_bytes: UInt64?
        var args_rest_source: String?
        var executable_truncated: Bool?
        var ancestors: [Ancestor]?
        var script: String?
        var file: File?
        var flags: [String]?
        var preload: [String: String]?
        var hash_pending: Bool?
        var hash_error: String?
        var package: Package?
        var namespaces: Namespaces?
        var login_user: LoginUser?
        var deleted: Bool?
    }

    struct Cgroup: Decodable {
        var path: String?
    }
}

extension String {
    /// The pid in an `entity_id`, which is made of boot id, pid and start.
    var entityPID: Int32? { entityPart(1).flatMap { Int32($0) } }

    /// The start in an `entity_id` in clock ticks since boot, as /proc has it.
    var entityTicks: UInt64? { entityPart(2).flatMap { UInt64($0) }.map { $0 / 10_000_000 } }

    private func entityPart(_ index: Int) -> Substring? {
        let parts = split(separator: "-")
        return parts.count == 3 ? parts[index] : nil
    }
}
