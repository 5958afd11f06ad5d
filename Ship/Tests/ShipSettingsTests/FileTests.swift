import Delivery
import Glibc
import ShipSettings
import Testing

/// A file that is there while `body` runs.
func withFile<Result>(_ text: String, mode: mode_t = 0o600, _ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/tattle-ship-settings-XXXXXX".utf8CString)
    // Rewrites the template in place.
    let descriptor = unsafe mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unsafe unlink(path) }
    let bytes = Array(text.utf8)
    // Reads bytes.count bytes.
    let written = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    try #require(written == bytes.count)
    fchmod(descriptor, mode)
    close(descriptor)
    return try body(path)
}

@Suite("tattle-ship.toml")
struct FileTests {
    private func read(_ text: String) throws -> ShipSettings {
        try withFile(text) { path in
            var arguments = ShipArguments()
            arguments.configurationFile = path
            return try ShipSettings(arguments)
        }
    }

    private func refusal(_ text: String) throws -> ShipConfigurationError? {
        do {
            _ = try read(text)
            return nil
        } catch let error as ShipConfigurationError {
            return error
        }
    }

    @Test("Many destinations share the memory for batches, but for those that say how large theirs are")
    func sharedMemory() throws {
        let tables = (0..<16).map { number in
            "[[destination]]\nto = 'https://\(number).example/'\n" + (number == 3 ? "batch-bytes = '4MiB'\n" : "")
        }
        let sizes = try read("from = '/var/log/tattle'\n\(tables.joined())").destinations.map(\.limits.bytes)
        #expect(sizes[3] == 4 << 20)
        #expect(sizes.reduce(0, +) - sizes[3] <= ShipSettings.sharedBatchBytes)
        #expect(try read("from = '/'\n\(tables[0])").destinations[0].limits.bytes == BatchLimits().bytes)
    }

    @Test("A file may say everything that the call can")
    func everything() throws {
        let settings = try withFile("hunter2\n") { secret in
            try read(
                """
                from = "/var/log/tattle"
                state = "/var/lib/ship"
                metrics-port = 9464
                metrics-file = "/run/ship.prom"
                stop-limit = "30s"

                [[destination]]
                to = "elasticsearch+https://siem.example/"
                name = "siem"
                user = "ana"
                password-file = "\(secret)"
                index = "logs-tattle-default"
                verify = false
                compress = false
                batch-bytes = "8MiB"
                timeout = "500ms"
                kinds = ["connection_attempted", "beacon_detected"]
                fields = ["site=berlin"]

                [[destination]]
                to = "-"
                """)
        }
        #expect(settings.folder == "/var/log/tattle")
        #expect(settings.stateFolder == "/var/lib/ship")
        #expect(settings.metricsPort == 9464)
        #expect(settings.metricsFile == "/run/ship.prom")
        #expect(settings.stopLimit == .seconds(30))
        #expect(settings.destinations.map(\.name) == ["siem", "-"])
        let siem = settings.destinations[0]
        #expect(siem.credentials == .basic(user: "ana", password: Secret("hunter2")))
        #expect(siem.index == "logs-tattle-default")
        #expect(!siem.tls.isVerified)
        #expect(!siem.isCompressed)
        #expect(siem.limits.bytes == 8 << 20)
        #expect(siem.answerTimeout == .milliseconds(500))
        #expect(siem.selection.kinds == ["connection_attempted", "beacon_detected"])
        var dumped = ""
        dump(siem, to: &dumped)
        #expect(!"\(settings) \(String(reflecting: settings)) \(dumped)".contains("hunter2"))
    }

    @Test(
        "What is wrong is told with its line and column, and the exit code of the configuration",
        arguments: [
            ("nothing = 1", "1:1"), ("[x]", "1:1"), ("[[destination]]\nname = \"a\"", "1:1"),
            ("[[destination]]\nto = \"ftp://a\"", "2:6"), ("[[destination]]\nto = 1", "2:6"),
            ("[[destination]]\nto = \"https://a\"\nlinger = 5", "3:1"),
            ("[[destination]]\nto = \"https://a\"\npassword = \"hunter2\"", "3:1"),
            ("[[destination]]\nto = \"https://a:hunter2@b\"", "2:6"),
            ("metrics-port = 0", "1:1"), ("from = \"relative\"", "1:1"),
        ])
    func wrong(_ text: String, place: String) throws {
        let error = try #require(try refusal(text))
        #expect(error.exitCode == 78)
        #expect(error.description.contains(":\(place): "))
        #expect(!error.description.contains("hunter2"))
    }

    @Test("What is wrong only with what the file adds has the exit code of the configuration")
    func together() throws {
        let twice = "[[destination]]\nto = \"https://a\"\n"
        let many = (0..<17).map { "[[destination]]\nto = \"https://siem-\($0)\"\n" }.joined()
        for text in ["from = \"/log\"\n\(twice)\(twice)", "from = \"/log\"\n\(many)"] {
            let exitCode = try refusal(text)?.exitCode
            #expect(exitCode == 78)
        }
        var arguments = ShipArguments()
        (arguments.folder, arguments.destinations) = ("/log", (0..<17).map { "https://siem-\($0)" })
        let error = #expect(throws: ShipConfigurationError.self) { try ShipSettings(arguments) }
        #expect(error?.exitCode == 64)
    }

    @Test("Whoever asks how it stands is told of a state folder that is none")
    func stateFolder() throws {
        try withFile("state = 5\n[[destination]]\nto = \"ftp://a\"\n") { path in
            let error = #expect(throws: ShipConfigurationError.self) {
                try ShipSettings.stateFolder(nil, configurationFile: path)
            }
            #expect(error?.exitCode == 78)
            #expect(error?.description.hasPrefix("\(path):1:1: ") == true)
        }
        try withFile("state = \"/state\"\n[[destination]]\nto = \"ftp://a\"\n") { path in
            let folder = try ShipSettings.stateFolder(nil, configurationFile: path)
            #expect(folder == "/state")
        }
    }

    @Test("A file that everybody may write is refused, and one that is not there")
    func writable() throws {
        try withFile("from = \"/log\"", mode: 0o666) { path in
            var arguments = ShipArguments()
            arguments.configurationFile = path
            #expect(throws: ShipConfigurationError.self) { try ShipSettings(arguments) }
            arguments.configurationFile = "\(path)-missing"
            #expect(throws: ShipConfigurationError.self) { try ShipSettings(arguments) }
        }
    }

    @Test("A secret's file has one line; white space around it does not count", arguments: ["", "\n", "a\nb"])
    func emptySecret(_ text: String) throws {
        try withFile(text) { path in
            #expect(ShipSettingsTests.refusal("https://siem#token-file=\(path)")?.exitCode == 64)
        }
        try withFile(" hunter2 \n") { path in
            let credentials = try settings("https://siem#token-file=\(path)").credentials
            #expect(credentials == .token(Secret("hunter2")))
        }
    }

    @Test("What the call says goes before the file")
    func precedence() throws {
        try withFile("from = \"/a\"\n[[destination]]\nto = \"https://a\"") { path in
            var arguments = ShipArguments()
            arguments.configurationFile = path
            arguments.folder = "/b"
            arguments.destinations = ["https://b"]
            let settings = try ShipSettings(arguments)
            #expect(settings.folder == "/b")
            #expect(settings.destinations.map(\.name) == ["https://b:443", "https://a:443"])
        }
    }
}
