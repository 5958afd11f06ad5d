internal import Foundation
internal import Testing

/// `self_test` of doctor.
private struct Doctored: Decodable {
    struct Failure: Decodable {
        var kind: String
        var problem: String
    }

    struct SelfTest: Decodable {
        var passed: Int
        var failed: [Failure]
        var not_covered: [String]
        var not_available: [String]
        var problem: String?
    }

    var hook_set: String?
    var self_test: SelfTest?
}

/// `tattle.self_test` of tracing_started.
private struct Started: Decodable {
    struct Tattle: Decodable {
        var self_test: SelfTest?
    }

    struct SelfTest: Decodable {
        var passed: Int
        var failed: [String]
        var not_covered: [String]
        var not_available: [String]
        var problem: String?
    }

    var tattle: Tattle
}

extension KernelSuite {
    /// What tattle attempts itself is seen, and not in the log.
    @Suite("SelfTest")
    struct SelfTest {
        /// What every kernel has that these tests run on.
        private static let kinds = 18

        @Test("ends, whoever started tattle ignores its children")
        func ofDoctorWithIgnoredChildren() throws {
            let script = "trap '' CHLD; exec \"$0\" doctor --self-test --json"
            let child = try Child("/bin/bash", ["-c", script, Kernel.tattle])
            _ = try child.wait()
            let said = try JSONDecoder().decode(Doctored.self, from: Data(child.output.utf8))
            let test = try #require(said.self_test)
            #expect(test.problem == nil && test.passed >= Self.kinds)
        }

        @Test("of doctor sees each kind once and right, with the set that a trace would use")
        func ofDoctor() throws {
            let child = try Child(Kernel.tattle, ["doctor", "--self-test", "--json"])
            _ = try child.wait()
            let said = try JSONDecoder().decode(Doctored.self, from: Data(child.output.utf8))
            let test = try #require(said.self_test)
            let hookSet = try #require(said.hook_set)
            #expect(test.problem == nil && test.passed >= Self.kinds)
            try Kernel.checking {
                #expect(test.failed.isEmpty, "\(test.failed.map { "\($0.kind): \($0.problem)" })")
            }
            #expect(test.not_covered.contains("raw4") == (hookSet == "tracepoint"))
        }

        @Test("is off the record, whatever is filtered, and leaves no process", arguments: Kernel.hookSets)
        func ofTrace(hookSet: String) throws {
            // Filtered to its very destinations, to everything: nothing of it may be there, and it must see itself.
            for options in [[], ["--to", "192.0.2.1", "--proto", "tcp"]] {
                let trace = try Trace(hookSet, ["--self-test", "--heartbeat", "0"] + options)
                try trace.waitUntilLive()
                let log = try trace.stop()
                let records = try log.records()
                let line = try #require(String(decoding: log.data, as: UTF8.self).split(separator: "\n").first)
                let started = try JSONDecoder().decode(Started.self, from: Data(line.utf8))
                let test = try #require(started.tattle.self_test)
                #expect(test.problem == nil && test.passed >= Self.kinds)
                try Kernel.checking {
                    #expect(test.failed.isEmpty, "\(log.errors)")
                    #expect(!log.errors.contains("self-test"))
                }
                let own = records.filter { record in
                    record.event.action != "tracing_started"
                        && (record.process?.name == "tattle"
                            || ["203.0.113.9", "2001:db8::9"].contains(record.destination?.ip ?? ""))
                }
                #expect(own.isEmpty, "\(own.map(\.summary))")
            }
        }

        @Test("is not made when nobody asks", arguments: Kernel.anyHookSet)
        func notAskedFor(hookSet: String) throws {
            let trace = try Trace(hookSet, ["--heartbeat", "0"])
            try trace.waitUntilLive()
            let log = try trace.stop()
            #expect(!String(decoding: log.data, as: UTF8.self).contains("\"self_test\""))
        }
    }
}
