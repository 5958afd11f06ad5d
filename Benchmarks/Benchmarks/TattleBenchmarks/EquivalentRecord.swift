internal import Foundation
internal import Model
internal import Records

/// What ``ECSWriter`` writes of the sample, as a value that JSONEncoder writes: the same members with the same values.
struct EquivalentRecord: Codable {
    struct Event: Codable {
        var kind: String, category: [String], type: [String], action: String, id: String, sequence: Int, duration: Int
        var outcome: String, dataset: String, module: String, provider: String
    }
    struct Network: Codable {
        var transport: String, iana_number: String, type: String, direction: String, community_id: String?
    }
    struct Endpoint: Codable { var address: String?, ip: String, port: Int }
    struct Failure: Codable { var code: String, message: String }
    struct Named: Codable { var id: String, name: String? }
    struct Device: Codable { var major: Int, minor: Int }
    struct Terminal: Codable { var char_device: Device }
    struct Parent: Codable {
        var pid: Int, entity_id: String, start: String, name: String, args_count: Int, args: [String],
            executable: String
    }
    struct Extension: Codable { var ancestry: [String] }
    struct Session: Codable { var pid: Int }
    struct Capabilities: Codable { var effective: [String] }
    struct Thread: Codable { var capabilities: Capabilities, id: Int, name: String }
    struct Process: Codable {
        var pid: Int, entity_id: String, start: String, name: String, args_count: Int, args: [String]
        var executable: String, working_directory: String, tty: Terminal, real_user: Named, user: Named
        var real_group: Named, group: Named, parent: Parent, Ext: Extension, session_leader: Session, thread: Thread
    }
    struct Related: Codable { var ip: [String] }
    struct Attempted: Codable { var id: String, result: String }
    struct Identified: Codable { var id: String }
    struct Source: Codable { var source: String }
    struct File: Codable { var device: String, inode: String }
    struct Namespaces: Codable { var net: Int, pid: Int, mount: Int, user: Int }
    struct Ancestor: Codable { var pid: Int, name: String, executable: String }
    struct Details: Codable { var file: File, namespaces: Namespaces, ancestors: [Ancestor] }
    struct Tattle: Codable {
        var attempt: Attempted, via: String, netns: Int, cgroup: Identified, attribution: Source, process: Details
        var hook_set: String
    }
    struct Agent: Codable { var type: String, version: String, ephemeral_id: String }
    struct Schema: Codable { var version: String }
    struct System: Codable { var type: String, kernel: String }
    struct Host: Codable { var name: String, id: String, architecture: String, boot: Identified, os: System }

    enum CodingKeys: String, CodingKey {
        case timestamp = "@timestamp"
        case event, network, source, destination, error, process, user, group, related, tattle, agent, ecs, host
    }

    var timestamp: String, event: Event, network: Network, source: Endpoint, destination: Endpoint, error: Failure
    var process: Process, user: Named, group: Named, related: Related, tattle: Tattle, agent: Agent, ecs: Schema
    var host: Host

    /// Members of the written record, by their dotted names, that this value lacks or has otherwise.
    private(set) var missing: [String] = []

    /// Reads what the writer wrote.
    init(of sample: Sample) throws {
        var writer = ECSWriter(context: Sample.context, clock: WallClock(offsetNanoseconds: 0), names: { _ in nil })
        var buffer = LineBuffer()
        writer.write(
            .attempted(AttemptEvent(attempt: sample.attempt, attribution: sample.attribution)), into: &buffer)
        let line = Data(buffer.copy())
        self = try JSONDecoder().decode(EquivalentRecord.self, from: line)
        let own = try JSONSerialization.jsonObject(with: JSONEncoder().encode(self))
        missing = Self.differences(between: try JSONSerialization.jsonObject(with: line), and: own)
    }

    private static func differences(between written: Any, and own: Any?, at path: String = "") -> [String] {
        guard let members = written as? [String: Any], let others = own as? [String: Any] else {
            return (written as? NSObject) == (own as? NSObject) ? [] : [path]
        }
        return members.flatMap { name, value in
            differences(between: value, and: others[name], at: path.isEmpty ? name : "\(path).\(name)")
        }
    }
}
