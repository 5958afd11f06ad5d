/// What a column or a member of a log holds, whatever it is called there.
enum Column: Int, CaseIterable {
    case time
    /// The connection's own id, which other logs of the same sensor have too.
    case connectionID
    case source
    case destination
    case port
    case transport
    /// The destination's name, as a client gave it.
    case domain
    /// The name that a DNS query asks for.
    case query
    /// How it ended: a connection's state, a result, an outcome.
    case ending
    /// What it failed by.
    case errorCode
    case bytesSent
    /// With the headers of IP and TCP.
    case packetBytesSent
    /// How long it lasted, seconds.
    case seconds
    case isLocalSource
    case isLocalDestination
    /// The executable's path.
    case executable
    /// What the log calls the program, where it has no path.
    case program
    /// Hashes of the executable.
    case hash
    case user
    /// The machine's name.
    case host
    /// `host`: Zeek's `http` means the server by it; others, the machine.
    case hostOrDomain
    /// What kind of event it is, where a log has several.
    case eventCode
    case isInitiated
    /// What happened, where a log tells of more than attempts.
    case action
    /// How many requests the connection had with this one.
    case depth
    /// OCSF: what class of event it is.
    case classID
    /// OCSF: what became of the connection.
    case activityID
    /// OCSF: the event's own id.
    case recordID
    /// When it began, where the time is that of its end.
    case start
    /// The script that the program runs.
    case script
    /// The package that the executable came with.
    case package
    /// Whether it is as that brought it.
    case isUnchanged
    /// What is worth a second look about the process.
    case flags

    /// The names, lower case: Zeek's, Sysmon's, those of ECS, OCSF and Splunk, and what people call them.
    private static let names: [(Column, [String])] = [
        (
            .time,
            ["ts", "utctime", "event_data.utctime", "@timestamp", "timestamp", "time", "_time", "datetime", "date"]
        ),
        (.connectionID, ["uid", "connection_id"]),
        (
            .source,
            [
                "id.orig_h", "sourceip", "source.ip", "src_endpoint.ip", "src_ip", "source_ip", "src", "source",
                "client_ip", "client", "orig_h",
            ]
        ),
        (
            .destination,
            [
                "id.resp_h", "destinationip", "destination.ip", "dst_endpoint.ip", "dest_ip", "dst_ip",
                "destination_ip", "dst", "dest", "destination", "server_ip", "server", "resp_h",
            ]
        ),
        (
            .port,
            [
                "id.resp_p", "destinationport", "destination.port", "dst_endpoint.port", "dest_port", "dst_port",
                "destination_port", "dport", "port", "server_port", "resp_p",
            ]
        ),
        (.transport, ["proto", "protocol", "network.transport", "transport", "connection_info.protocol_name"]),
        (
            .domain,
            [
                "server_name", "destination.domain", "dst_endpoint.hostname", "domain", "fqdn", "sni",
                "dest_host", "destination_domain", "tls.client.server_name", "url.domain",
            ]
        ),
        (.query, ["query", "dns.question.name"]),
        (.ending, ["conn_state", "event.outcome", "outcome", "result", "state", "status"]),
        (.errorCode, ["error.code", "status_code"]),
        (
            .bytesSent,
            [
                "orig_bytes", "source.bytes", "bytes_sent", "bytes_out", "traffic.bytes_out", "request_body_len",
                "unmapped.tattle.bytes",
            ]
        ),
        (.packetBytesSent, ["orig_ip_bytes"]),
        (.seconds, ["duration", "duration_s", "seconds"]),
        (.isLocalSource, ["local_orig"]),
        (.isLocalDestination, ["local_resp"]),
        (
            .executable,
            [
                "image", "process.executable", "actor.process.file.path", "executable", "process_path",
                "tattle.executable",
            ]
        ),
        (.program, ["process", "process.name", "actor.process.name", "process_name", "app"]),
        (.hash, ["hashes", "process.hash.sha256", "sha256", "process_hash", "actor.process.file.hashes.value"]),
        (.user, ["user", "user.name", "user_name"]),
        (.host, ["computer", "winlog.computer_name", "host.name", "hostname", "device.hostname", "dvc"]),
        (.hostOrDomain, ["host"]),
        (.eventCode, ["eventid", "event.code", "winlog.event_id"]),
        (.isInitiated, ["initiated"]),
        (.action, ["action", "event.action"]),
        (.depth, ["trans_depth"]),
        (.classID, ["class_uid"]),
        (.activityID, ["activity_id"]),
        (.recordID, ["metadata.uid"]),
        (.start, ["start_time"]),
        (.script, ["unmapped.tattle.script"]),
        (.package, ["unmapped.tattle.package"]),
        (.isUnchanged, ["unmapped.tattle.package_unchanged"]),
        (.flags, ["unmapped.tattle.flags"]),
    ]

    /// By name, lower case.
    static let byName: [String: Column] = Dictionary(
        uniqueKeysWithValues: names.flatMap { column, names in names.map { ($0, column) } })

    /// By name as it stands in a log.
    ///
    /// - Parameter name: the path to a member of an object, its parts joined by dots.
    init?(name: String) {
        var name = name.lowercased()
        for prefix in ["winlog.event_data.", "event_data.", "eventdata."] where name.hasPrefix(prefix) {
            name.removeFirst(prefix.count)
        }
        guard let column = Self.byName[name] else { return nil }
        self = column
    }

    /// By name as it stands in a table, where `host` means one thing.
    init?(name: String, ofHost meaning: Column) {
        self.init(name: name)
        if self == .hostOrDomain { self = meaning }
    }
}
