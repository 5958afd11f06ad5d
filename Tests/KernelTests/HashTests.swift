internal import Foundation
internal import Testing

/// A file's SHA-256 as a tool of the machine has it.
func sha256(_ path: String) throws -> String {
    let child = try Child("/usr/bin/sha256sum", [path])
    guard try child.wait() == 0 else { throw Child.Failure(description: "sha256sum: \(child.errors)") }
    return String(child.output.prefix(64))
}

extension KernelSuite {
    /// The SHA-256 of what ran, not of what is at its path.
    @Suite("The hash of an executable")
    struct Hashes {
        /// A program that attempts again and again until a record has a hash, or says why there is none.
        private func records(
            _ hookSet: String, _ folder: Folder, _ program: String, _ more: [String]
        ) throws -> [Record] {
            try folder.make("on")
            let trace = try Trace(
                hookSet, ["--settle", "0"], command: [program, "again", folder.at("on")] + more, folder: folder)
            try waitUntil("a record has a hash") {
                let log = folder.text("log")
                return log.contains("\"sha256\"") || log.contains("\"hash_error\"")
                    || log.contains("\"tracing_stopped\"")
            }
            try FileManager.default.removeItem(atPath: folder.at("on"))
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            return try log.records().tellings
        }

        private func check(_ records: [Record], _ truth: String) {
            #expect(Set(records.compactMap { $0.process?.hash?.sha256 }) == [truth])
            #expect(records.allSatisfy { $0.tattle?.process?.hash_error == nil })
            for record in records where record.process?.hash?.sha256 == nil {
                #expect(record.tattle?.process?.hash_pending == true, "neither a hash nor that it is to come")
            }
            for record in records where record.process?.hash?.sha256 != nil {
                #expect(record.tattle?.process?.hash_pending != true)
            }
        }

        @Test("comes in a later record when it was not there for the first", arguments: Kernel.hookSets)
        func later(hookSet: String) throws {
            check(try records(hookSet, try Folder(), Kernel.attempts, []), try sha256(Kernel.attempts))
        }

        /// A copy of the workload with more at its end, whose hash nobody has seen before.
        private func copy(_ folder: Folder, _ name: String) throws -> String {
            let path = folder.at(name)
            try FileManager.default.copyItem(atPath: Kernel.attempts, toPath: path)
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(UUID().uuidString.utf8))
            try file.close()
            return path
        }

        @Test("that was deleted is of the file that ran", arguments: Kernel.hookSets)
        func deleted(hookSet: String) throws {
            let folder = try Folder()
            let program = try copy(folder, "beacon")
            let truth = try sha256(program)
            let records = try records(hookSet, folder, program, ["unlink"])
            check(records, truth)
            #expect(records.allSatisfy { $0.process?.executable == program })
            #expect(!folder.has("beacon"))
        }

        @Test("that was replaced is of the file that ran, not of its successor", arguments: Kernel.hookSets)
        func replaced(hookSet: String) throws {
            let folder = try Folder()
            let program = try copy(folder, "beacon")
            let successor = try copy(folder, "successor")
            let truth = try sha256(program)
            #expect(try sha256(successor) != truth)
            check(try records(hookSet, folder, program, ["replace", successor]), truth)
            #expect(try sha256(program) != truth)
        }

        @Test("of processes that live a millisecond is in one of their records at least", arguments: Kernel.hookSets)
        func shortLived(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, [], ["copies", "400", "1"])
            #expect(log.status == 0, "\(log.errors)")
            let hashes = try log.records().attempts.compactMap { $0.process?.hash?.sha256 }
            #expect(Set(hashes) == [try sha256(Kernel.attempts)])
        }
    }
}
