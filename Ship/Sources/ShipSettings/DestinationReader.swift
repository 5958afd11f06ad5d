internal import Delivery

/// Makes a destination of a URL and options: those behind its `#`, and those of its table in the TOML file.
struct DestinationReader {
    private var settings: DestinationSettings
    private let url: DestinationURL
    private var user: String?
    private var password: Secret?
    private var token: Secret?
    private var apiKey: Secret?
    private var given: Set<String> = []

    /// Every option there is, in the order in which they are told of.
    static let keys = [
        "name", "user", "password-file", "password-env", "token-file", "token-env", "api-key-file", "api-key-env", "ca",
        "certificate", "key", "verify", "compress", "index", "table", "topic", "channel", "wait-for-indexer",
        "connect-timeout", "timeout", "batch-records", "batch-bytes", "linger", "format", "kinds", "rules", "fields",
    ]

    /// Options that only some kinds have.
    private static let special: [String: Set<DestinationKind>] = [
        "index": [.elasticsearch, .splunk], "table": [.clickhouse], "topic": [.kafka], "channel": [.splunk],
        "wait-for-indexer": [.splunk], "api-key-file": [.elasticsearch], "api-key-env": [.elasticsearch],
        "compress": [.elasticsearch, .splunk, .otlp, .clickhouse, .kafka, .http],
    ]

    /// Reads a URL and the options behind its `#`.
    init(_ text: String) throws(SettingsProblem) {
        url = try DestinationURL(text)
        settings = DestinationSettings(name: url.masked, kind: url.kind, transport: url.transport)
        (settings.host, settings.port, settings.path) = (url.host, url.port, url.path)
        user = url.user
        for option in url.options { try set(option.key, .text(option.value)) }
    }

    /// Sets an option.
    mutating func set(_ key: String, _ value: OptionValue) throws(SettingsProblem) {
        guard Self.keys.contains(key) else {
            if ["token", "password", "secret", "api-key"].contains(key) {
                throw SettingsProblem(
                    "a secret is not written here: \(key == "secret" ? "token" : key)-file names the file that has it, "
                        + "\(key == "secret" ? "token" : key)-env the variable")
            }
            throw SettingsProblem("there is no option '\(key)'; there are \(Self.keys.joined(separator: ", "))")
        }
        guard given.insert(key).inserted else { throw SettingsProblem("\(key) is set already") }
        if let kinds = Self.special[key], !kinds.contains(settings.kind) {
            let names = kinds.map(\.rawValue).sorted().joined(separator: ", ")
            throw SettingsProblem("\(key) is for \(names) only")
        }
        switch key {
        case "name": settings.name = try value.text(key, atMost: 128)
        case "user", "password-file", "password-env", "token-file", "token-env", "api-key-file", "api-key-env":
            try setCredential(key, value)
        case "ca", "certificate", "key", "verify": try setTLS(key, value)
        case "format", "kinds", "rules", "fields": try setSelection(key, value)
        case "connect-timeout", "timeout", "batch-records", "batch-bytes", "linger": try setLimit(key, value)
        default: try setTarget(key, value)
        }
    }

    /// The settings, when everything is set.
    consuming func finished() throws(SettingsProblem) -> DestinationSettings {
        if (settings.tls.certificateFile == nil) != (settings.tls.keyFile == nil) {
            throw SettingsProblem("certificate and key go together")
        }
        if settings.kind == .kafka, settings.topic == nil { throw SettingsProblem("Kafka wants a topic") }
        if settings.kind == .clickhouse, settings.selection.isOCSF, settings.table == nil {
            throw SettingsProblem(
                "format=ocsf wants a table of yours (table=NAME): the one of `template clickhouse` is for ECS")
        }
        if [token != nil, apiKey != nil, user != nil || password != nil].filter({ $0 }).count > 1 {
            throw SettingsProblem("there is more than one secret: a user with a password, a token or an API key")
        }
        if let token { settings.credentials = .token(token) }
        if let apiKey { settings.credentials = .apiKey(apiKey) }
        if let user {
            guard let password else {
                throw SettingsProblem("'\(user)' wants a password: password-file=PATH or password-env=VARIABLE")
            }
            guard !user.contains(":") else { throw SettingsProblem("a user's name has no colon") }
            settings.credentials = .basic(user: user, password: password)
        } else if password != nil {
            throw SettingsProblem("a password wants a user")
        }
        if settings.credentials != .none, [.syslog, .file, .standardOutput].contains(settings.kind) {
            throw SettingsProblem("\(settings.kind.rawValue) takes no secret")
        }
        return settings
    }

    private mutating func setCredential(_ key: String, _ value: OptionValue) throws(SettingsProblem) {
        if key == "user" {
            guard user == nil else { throw SettingsProblem("user is set already, in the URL") }
            user = try value.text(key, atMost: 255)
            return
        }
        let secret = key.hasSuffix("-file") ? try value.secretFile(key) : try value.secretVariable(key)
        let other = key.hasSuffix("-file") ? "\(key.dropLast(5))-env" : "\(key.dropLast(4))-file"
        guard !given.contains(other) else { throw SettingsProblem("\(key) and \(other) are one too many") }
        switch key.prefix(3) {
        case "pas": password = secret
        case "tok": token = secret
        default: apiKey = secret
        }
    }

    private mutating func setTLS(_ key: String, _ value: OptionValue) throws(SettingsProblem) {
        guard settings.transport == .tls else {
            throw SettingsProblem("\(key) is for encrypted destinations: https in place of http, syslog+tls")
        }
        switch key {
        case "ca": settings.tls.authorityFile = try value.readableFile(key)
        case "certificate": settings.tls.certificateFile = try value.readableFile(key)
        case "key": settings.tls.keyFile = try value.readableFile(key)
        default: settings.tls.isVerified = try value.boolean(key)
        }
    }

    private mutating func setTarget(_ key: String, _ value: OptionValue) throws(SettingsProblem) {
        switch key {
        case "compress": settings.isCompressed = try value.boolean(key)
        case "index": settings.index = try value.word(key)
        case "topic": settings.topic = try value.word(key)
        case "wait-for-indexer": settings.awaitsIndexer = try value.boolean(key)
        case "channel":
            let channel = try value.word(key)
            let lengths = channel.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
            guard lengths == [8, 4, 4, 4, 12], channel.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
                throw SettingsProblem("channel is a UUID")
            }
            settings.channel = channel
        default:
            let table = try value.word(key)
            let parts = table.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2,
                parts.allSatisfy({ part in
                    part.first.map { $0.isLetter || $0 == "_" } == true
                        && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
                })
            else { throw SettingsProblem("table is TABLE or DATABASE.TABLE, of letters, digits and _") }
            settings.table = table
        }
    }

    private mutating func setLimit(_ key: String, _ value: OptionValue) throws(SettingsProblem) {
        switch key {
        case "connect-timeout":
            settings.connectTimeout = try value.duration(key, in: .milliseconds(100)...(.seconds(600)))
        case "timeout": settings.answerTimeout = try value.duration(key, in: .milliseconds(100)...(.seconds(600)))
        case "batch-records": settings.limits.records = try value.count(key, in: 1...100_000)
        // The longest line is 64 KiB; two batches are in memory for each destination.
        case "batch-bytes":
            settings.limits.bytes = try value.bytes(key, in: (64 << 10)...(16 << 20))
            settings.hasOwnBatchBytes = true
        default: settings.linger = try value.duration(key, in: .zero...(.seconds(300)))
        }
    }

    private mutating func setSelection(_ key: String, _ value: OptionValue) throws(SettingsProblem) {
        switch key {
        case "format":
            switch try value.text(key, atMost: 16) {
            case "ocsf": settings.selection.isOCSF = true
            case "ecs": settings.selection.isOCSF = false
            default: throw SettingsProblem("format is ecs, which leaves records as they are, or ocsf")
            }
        case "kinds":
            settings.selection.kinds = try value.texts(key)
            let known = Selection.allKinds.joined(separator: ", ")
            // A kind that there is not would deliver nothing, for ever, as a success.
            for kind in settings.selection.kinds where !Selection.allKinds.contains(kind) {
                throw SettingsProblem("there is no kind '\(kind)'; there are \(known)")
            }
            guard !settings.selection.kinds.isEmpty else { throw SettingsProblem("kinds is a list of \(known)") }
        case "rules": settings.selection.rulesFile = try value.readableFile(key)
        default:
            for text in try value.texts(key) { settings.selection.fields.append(try Self.field(text)) }
            guard settings.selection.fields.count <= 32 else { throw SettingsProblem("fields are 32 at most") }
            let names = Set(settings.selection.fields.map(\.name))
            guard names.count == settings.selection.fields.count else {
                throw SettingsProblem("a field is there twice")
            }
        }
    }

    private static func field(_ text: String) throws(SettingsProblem) -> StaticField {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), parts[1].utf8.count <= 256,
            parts[0].utf8.allSatisfy({ $0.isWordByte && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ":") })
        else { throw SettingsProblem("a field is NAME=VALUE, as site=berlin: NAME of letters, digits, - and _") }
        return StaticField(name: parts[0], value: parts[1])
    }
}
