internal import Foundation
internal import Testing

extension KernelSuite {
    /// A folder of files in OCSF.
    @Suite("Files of a folder in OCSF")
    struct OCSFFiles {
        /// What of a line says where in which run it stands.
        private struct Line: Decodable {
            struct Metadata: Decodable {
                struct Product: Decodable { var uid: String }
                var uid: String, sequence: UInt64, product: Product
            }
            struct Unmapped: Decodable {
                struct Tattle: Decodable {
                    struct Run: Decodable { var id: String, last_sequence: UInt64 }
                    struct Place: Decodable { var sequence: UInt64, cause: String }
                    var run: Run?
                    var file: Place?
                }
                var tattle: Tattle
            }
            var type_uid: Int, metadata: Metadata, unmapped: Unmapped?, status_code: String?

            var isStop: Bool { type_uid == 600_204 }
        }

        private let folder: Folder
        private let log: LogFolder

        init() throws {
            folder = try Folder()
            log = LogFolder(path: folder.at("log"))
        }

        private func start(_ hookSet: String, _ options: [String], command: [String]) throws -> Child {
            try Child(
                Kernel.tattle,
                ["trace", "--hooks", hookSet, "--format", "ocsf", "--output", log.path + "/", "--no-inventory"]
                    + options + (command.isEmpty ? ["--comm", Kernel.attemptsName] : ["--"] + command))
        }

        /// The lines of all files, each of which has to be whole and to begin with a line that no other file has.
        private func lines() throws -> [Line] {
            var heads: Set<Data> = []
            return try log.names().flatMap { name in
                let data = try Data(contentsOf: URL(filePath: log.path + "/" + name))
                #expect(data.last == UInt8(ascii: "\n"), "\(name) does not end with a line")
                let lines = try String(decoding: data, as: UTF8.self).decodedLines(as: Line.self)
                #expect(lines.first?.unmapped?.tattle.file != nil, "\(name) does not say which file it is")
                #expect(data.prefix { $0 != UInt8(ascii: "\n") }.count >= 1023, "\(name) begins with a short line")
                #expect(heads.insert(data.prefix(1024)).inserted, "\(name) begins as another one does")
                return lines
            }
        }

        /// How many lines there are by now, of files that are being written.
        private var lineCount: Int {
            let contents = (try? log.names())?.compactMap { try? Data(contentsOf: URL(filePath: log.path + "/" + $0)) }
            return contents?.reduce(0) { $0 + $1.count { $0 == UInt8(ascii: "\n") } } ?? 0
        }

        @Test("rotated under load: every line once, numbered without a gap", arguments: Kernel.anyHookSet)
        func rotation(hookSet: String) throws {
            let tattle = try start(
                hookSet, ["--rotate-size", "16KiB"], command: [Kernel.attempts, "flood-tcp", "300"])
            #expect(try tattle.wait() == 0, "\(tattle.errors)")
            let lines = try lines()
            #expect(lines.map(\.metadata.sequence) == Array(0..<UInt64(lines.count)))
            #expect(Set(lines.map(\.metadata.uid)).count == lines.count)
            let causes = lines.compactMap { $0.unmapped?.tattle.file?.cause }
            #expect(causes.first == "start" && causes.last == "size")
            // Network Activity: Refuse.
            #expect(lines.count { $0.type_uid == 400_105 } == 300)
            #expect(lines.last?.isStop == true)
        }

        @Test(
            "killed: the death is told by the next run, with its number and its last line", arguments: Kernel.anyHookSet
        )
        func killed(hookSet: String) throws {
            let first = try start(hookSet, [], command: [Kernel.attempts, "flood-tcp", "20"])
            #expect(try first.wait() == 0, "\(first.errors)")
            let before = lineCount
            let second = try start(hookSet, ["--settle", "0"], command: [])
            try waitUntil("it begins a file; tattle says: \(second.errors)") { lineCount > before }
            let workload = try Child(Kernel.attempts, ["flood-tcp", "20"])
            #expect(try workload.wait() == 0)
            try waitUntil("its lines are there; tattle says: \(second.errors)") { lineCount > before + 20 }
            second.send(SIGKILL)
            #expect(try second.wait() == 137)
            let died = try #require(try lines().last)
            let third = try start(hookSet, [], command: ["/bin/true"])
            #expect(try third.wait() == 0, "\(third.errors)")
            let told = try lines().filter { $0.status_code == "previous_run_died" }
            #expect(told.count == 1)
            #expect(told.first?.unmapped?.tattle.run?.id == died.metadata.product.uid)
            #expect(told.first?.unmapped?.tattle.run?.last_sequence == died.metadata.sequence)
            #expect(third.errors.contains("ended without a word after record \(died.metadata.sequence)"))
        }

        @Test("conn.log has no line that says which file it is, and is refused", arguments: Kernel.anyHookSet)
        func zeek(hookSet: String) throws {
            let tattle = try Child(
                Kernel.tattle, ["trace", "--hooks", hookSet, "--format", "zeek", "--output", log.path + "/"])
            #expect(try tattle.wait() == 64)
            #expect(tattle.errors.contains("convert --to zeek"))
            #expect(!folder.has("log"))
        }
    }
}
