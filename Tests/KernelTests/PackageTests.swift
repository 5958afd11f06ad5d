internal import Foundation
internal import Testing

extension KernelSuite {
    /// Whether a program is Debian's, and still what Debian made.
    @Suite("The package of an executable", .needsPackages)
    struct Packages {
        /// What makes a shell or Python attempt again and again, for as long as a file is there.
        private static func loop(_ program: String, while file: String) -> [String] {
            if program.hasSuffix("bash") {
                return ["-c", "while test -e '\(file)'; do : >/dev/tcp/127.0.0.1/9; sleep 0.1; done 2>/dev/null; :"]
            }
            let script = """
                import os, socket, time
                while os.path.exists('\(file)'):
                    socket.socket().connect_ex(('127.0.0.1', 9))
                    time.sleep(0.05)
                """
            return ["-c", script]
        }

        /// Records of a program in a network of its own; with a file mounted over it when there is one.
        private func records(
            _ hookSet: String, _ program: String, _ folder: Folder, over mounted: String? = nil, until text: String
        ) throws -> [Record] {
            let mount = mounted.map { "mount --bind '\($0)' '\(program)' && " } ?? ""
            let script = mount + "ip link set lo up && exec \"$0\" \"$@\""
            try folder.make("on")
            let trace = try Trace(
                hookSet, ["--settle", "0"],
                command: ["/usr/bin/unshare", "--net", "--mount", "/bin/sh", "-c", script, program]
                    + Self.loop(program, while: folder.at("on")), folder: folder)
            try waitUntil("a record has \(text)") {
                folder.text("log").contains(text) || folder.text("log").contains("\"tracing_stopped\"")
            }
            try FileManager.default.removeItem(atPath: folder.at("on"))
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records().tellings
            #expect(!records.isEmpty)
            return records
        }

        private func version(of package: String) throws -> String {
            let child = try Child("/usr/bin/dpkg-query", ["-W", "-f", "${Version}", package])
            _ = try child.wait()
            return child.output
        }

        @Test(
            "is named with its version, and that the file is unchanged", arguments: Kernel.hookSets,
            [("/bin/bash", "bash"), ("/usr/bin/python3", "python3")])
        func debian(hookSet: String, program: (path: String, package: String)) throws {
            guard FileManager.default.isExecutableFile(atPath: program.path) else {
                try Test.cancel("there is no \(program.path)")
            }
            let records = try records(hookSet, program.path, try Folder(), until: "\"unchanged\":")
            let last = try #require(records.last)
            let real = URL(fileURLWithPath: program.path).resolvingSymlinksInPath().path
            #expect(last.process?.executable == real)
            let package = try #require(last.tattle?.process?.package)
            let name = try #require(package.name)
            // /usr/bin/python3 is a link to what is in python3.11-minimal.
            #expect(name.hasPrefix(program.package))
            #expect(package.version == (try version(of: name)))
            #expect(package.unchanged == true)
            for record in records { #expect(record.tattle?.process?.flags?.contains("unpackaged") != true) }
        }

        @Test("is none for a copy in a temporary folder", arguments: Kernel.hookSets)
        func copied(hookSet: String) throws {
            let folder = try Folder()
            guard folder.path.hasPrefix("/tmp/") else { try Test.cancel("\(folder.path) is not below /tmp") }
            let program = folder.at("bash")
            try FileManager.default.copyItem(atPath: "/bin/bash", toPath: program)
            let records = try records(hookSet, program, folder, until: "\"unpackaged\"")
            let last = try #require(records.last)
            #expect(last.process?.executable == program)
            #expect(last.tattle?.process?.package == nil)
            let flags = last.tattle?.process?.flags ?? []
            #expect(flags.contains("temporary_folder") && flags.contains("unpackaged"), "\(flags)")
        }

        /// Where another file is mounted over it, for this process alone: dpkg knows nothing of that one.
        @Test("is not that of the path when it is another file for the process", arguments: Kernel.hookSets)
        func covered(hookSet: String) throws {
            let folder = try Folder()
            let other = folder.at("other")
            try FileManager.default.copyItem(atPath: "/bin/bash", toPath: other)
            let file = try #require(FileHandle(forWritingAtPath: other))
            try file.seekToEnd()
            try file.write(contentsOf: Data("more".utf8))
            try file.close()
            let records = try records(hookSet, "/usr/bin/bash", folder, over: other, until: "\"sha256\"")
            let last = try #require(records.last)
            #expect(last.process?.executable == "/usr/bin/bash")
            let told = records.map { $0.process?.hash?.sha256 ?? "-" }
            #expect(last.process?.hash?.sha256 == (try sha256(other)), "\(told)")
            #expect(last.tattle?.process?.package == nil)
            #expect(last.tattle?.process?.flags?.contains("unpackaged") != true)
        }
    }
}

/// Skips, with the reason, where there are no Debian packages.
struct NeedsPackages: SuiteTrait {
    func prepare(for test: Test) async throws {
        for path in ["/usr/bin/dpkg-query", "/usr/bin/unshare", "/usr/bin/bash"]
        where !FileManager.default.isExecutableFile(atPath: path) {
            try Test.cancel("there is no \(path)")
        }
    }
}

extension Trait where Self == NeedsPackages {
    /// Skips, with the reason, where there are no Debian packages.
    static var needsPackages: Self { NeedsPackages() }
}
