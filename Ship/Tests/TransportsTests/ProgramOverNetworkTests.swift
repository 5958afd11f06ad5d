import Foundation
import Testing

/// The real program with a server that fails.
@Suite("tattle-ship over the network", .serialized, .timeLimit(.minutes(15)))
struct ProgramOverNetworkTests {
    /// A folder with a log of some records, and one for state.
    private final class Ground {
        let folder: URL
        let ids: Set<String>

        init(records: Int) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "tattle-\(UUID().uuidString)")
            let log = folder.appending(path: "log")
            try FileManager.default.createDirectory(at: log, withIntermediateDirectories: true)
            var ids: Set<String> = []
            for file in 0..<5 {
                var text = ""
                for number in file * records / 5..<(file + 1) * records / 5 {
                    let id = "0123456789abcdef-u-\(number)"
                    ids.insert(id)
                    text += "{\"@timestamp\":\"2026-01-01T00:00:00.000000000Z\",\"event\":{\"kind\":\"event\","
                    text += "\"action\":\"connection_attempted\",\"id\":\"\(id)\",\"sequence\":\(number)},"
                    text +=
                        "\"agent\":{\"ephemeral_id\":\"run\"},\"padding\":\"\(String(repeating: ".", count: 1024))\"}\n"
                }
                let name = "tattle-20260101T00000\(file).000000000Z-00000\(file).ndjson"
                try text.write(to: log.appending(path: name), atomically: false, encoding: .utf8)
            }
            self.ids = ids
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        /// Starts the program, which stands beside the tests.
        func start(_ destination: String, _ options: [String] = []) throws -> (process: Process, errors: Pipe) {
            let bundle = try #require(CommandLine.arguments.first { $0.contains(".xctest") })
            let process = Process()
            process.executableURL = URL(filePath: bundle).deletingLastPathComponent().appending(path: "tattle-ship")
            process.arguments =
                [
                    "--from", folder.appending(path: "log").path, "--state", folder.appending(path: "state").path,
                    "--to", destination,
                ] + options
            let errors = Pipe()
            process.standardError = errors
            try process.run()
            return (process, errors)
        }

        /// Runs it until it ends, and gives what it said.
        func run(_ destination: String, _ options: [String] = []) async throws -> (status: Int32, errors: String) {
            let (process, errors) = try start(destination, options)
            while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            let said = try errors.fileHandleForReading.readToEnd() ?? Data()
            return (process.terminationStatus, String(decoding: said, as: UTF8.self))
        }
    }

    private func ids(_ server: FaultServer) throws -> [Substring] {
        try server.requests().flatMap(\.lines).compactMap { line in
            guard let start = line.firstRange(of: "\"id\":\"")?.upperBound else { return nil }
            return line[start...].prefix { $0 != "\"" }
        }
    }

    @Test("Killed at ten moments before a server that is often busy, it loses nothing")
    func killed() async throws {
        let ground = try Ground(records: 4000)
        // Each time it gets so many answers, and none to the request amid which it is killed.
        let answers = (1...10).map { number in ["200", "503"].prefix(number % 3) + ["silence"] }
        let server = try FaultServer(answers.flatMap(\.self) + ["200"])
        let destination = "http://127.0.0.1:\(server.port)/in#batch-records=20&linger=0s"
        var asked = 0
        for expected in answers {
            asked += expected.count
            let (process, _) = try ground.start(destination)
            while process.isRunning, try server.requestCount() < asked { try await Task.sleep(for: .milliseconds(5)) }
            #expect(process.isRunning)
            kill(process.processIdentifier, SIGKILL)
            while process.isRunning { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(try await ground.run(destination, ["--once"]).status == 0)
        #expect(Set(try ids(server).map(String.init)) == ground.ids)
    }

    @Test("A server that is busy is told of once, and when it is over")
    func busy() async throws {
        let ground = try Ground(records: 200)
        let server = try FaultServer(["200", "503", "503", "503", "200"])
        let (status, errors) = try await ground.run("http://127.0.0.1:\(server.port)#batch-records=50", ["--once"])
        #expect(status == 0)
        let lines = errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("503") == true)
        #expect(lines.last?.hasSuffix("3 tries") == true)
        #expect(Set(try ids(server).map(String.init)) == ground.ids)
    }

    @Test("Prometheus is answered on loopback, and nothing else is")
    func metrics() async throws {
        let ground = try Ground(records: 10)
        let server = try FaultServer(["200"])
        // A port that was free a moment ago.
        let free = try FaultServer(["200"])
        free.stop()
        let (process, _) = try ground.start(
            "http://127.0.0.1:\(server.port)", ["--metrics-port", "\(free.port)"])
        defer { kill(process.processIdentifier, SIGKILL) }
        var text = ""
        while !text.contains("tattle_ship_delivered_records_total{"), process.isRunning {
            try await Task.sleep(for: .milliseconds(50))
            text = try await answer(free.port, "/metrics")
        }
        #expect(text.contains("tattle_ship_running 1\n"))
        #expect(try await answer(free.port, "/other") == "GET /metrics\n")
        kill(process.processIdentifier, SIGTERM)
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        #expect(process.terminationStatus == 0)
    }

    @Test("Of 16 that ask Prometheus's port for nothing each is sent away, and then others are answered")
    func idle() async throws {
        let ground = try Ground(records: 10)
        let server = try FaultServer(["200"])
        let free = try FaultServer(["200"])
        free.stop()
        let (process, _) = try ground.start("http://127.0.0.1:\(server.port)", ["--metrics-port", "\(free.port)"])
        defer { kill(process.processIdentifier, SIGKILL) }
        while try await answer(free.port, "/metrics").isEmpty, process.isRunning {
            try await Task.sleep(for: .milliseconds(50))
        }
        // They send nothing, or half of something, and never close; the one beyond them, or the last of them where the
        // question before still counts, is not taken.
        let said = try await python(
            """
            import select, socket
            held = [socket.create_connection(('127.0.0.1', \(free.port))) for _ in range(16)]
            held[0].sendall(b'GET /metr')
            late = socket.create_connection(('127.0.0.1', \(free.port)))
            first = select.select([late] + held, [], [])[0]
            print('first', all(one in [held[15], late] for one in first), late.recv(1))
            for one in held: print('held', one.recv(1))
            """)
        #expect(said == "first True b''\n" + String(repeating: "held b''\n", count: 16))
        #expect(try await answer(free.port, "/metrics").contains("tattle_ship_running 1\n"))
    }

    @Test("A dry run needs no port, which the one that runs has")
    func dry() async throws {
        let ground = try Ground(records: 10)
        let server = try FaultServer(["200"])
        let (status, errors) = try await ground.run(
            "http://127.0.0.1:\(server.port)", ["--dry-run", "--metrics-port", "\(server.port)"])
        #expect(status == 0, "\(errors)")
        #expect(try server.requests().isEmpty)
    }

    @Test("What cannot be used is one line and its exit code, whatever else was made ready before")
    func unusable() async throws {
        let ground = try Ground(records: 10)
        let server = try FaultServer(["200"])
        let destination = "http://127.0.0.1:\(server.port)"
        for (options, code) in [
            (["--to", "https://127.0.0.1:9#ca=\(#filePath)"], 78), (["--metrics-port", "\(server.port)"], 73),
        ] {
            let (status, errors) = try await ground.run(destination, options)
            #expect(status == code)
            #expect(errors.split(separator: "\n").count == 1, "\(errors)")
        }
    }

    private func answer(_ port: UInt16, _ path: String) async throws -> String {
        try await python(
            "import urllib.request, urllib.error\ntry: print(urllib.request.urlopen('http://127.0.0.1:\(port)\(path)').read().decode(), end='')\nexcept urllib.error.HTTPError as error: print(error.read().decode(), end='')\nexcept OSError: pass"
        )
    }

    /// What a script prints.
    private func python(_ script: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // Not read before it has ended, which would keep a thread that the other tests need; a pipe holds 64 KiB.
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        return String(decoding: text, as: UTF8.self)
    }
}
