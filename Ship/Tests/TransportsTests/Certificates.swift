import Foundation
import Testing

/// Certificates that openssl(1) makes for the tests: an authority, servers of several kinds, a client, and another authority.
struct Certificates {
    /// Where they lie.
    let folder: URL

    /// Makes them.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tattle-certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for authority in ["authority", "stranger"] {
            try openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=\(authority)", "-keyout", "\(authority).key", "-out", "\(authority).pem")
        }
        try make("server", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        try make("other", "subjectAltName=DNS:elsewhere.example")
        try make("expired", "subjectAltName=IP:127.0.0.1,DNS:localhost", dates: ["20200101000000Z", "20200201000000Z"])
        try make("client", "extendedKeyUsage=clientAuth")
        try make("strange-client", "extendedKeyUsage=clientAuth", by: "stranger")
    }

    /// A file's path.
    subscript(_ name: String) -> String { folder.appending(path: name).path }

    /// Certificate and key of a server.
    func pair(_ name: String) -> (certificate: String, key: String) { (self["\(name).pem"], self["\(name).key"]) }

    /// Removes them.
    func remove() { try? FileManager.default.removeItem(at: folder) }

    private func make(_ name: String, _ extensions: String, by authority: String = "authority", dates: [String]? = nil)
        throws
    {
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)", "-keyout",
            "\(name).key", "-out", "\(name).csr")
        try Data("basicConstraints=CA:FALSE\n\(extensions)\n".utf8).write(to: folder.appending(path: "extensions"))
        guard let dates else {
            try openssl(
                "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key",
                "-CAcreateserial", "-days", "30", "-extfile", "extensions", "-out", "\(name).pem")
            return
        }
        // Only `ca` takes dates of the past.
        try Data(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=own.serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
                .utf8
        )
        .write(to: folder.appending(path: "ca.conf"))
        try Data().write(to: folder.appending(path: "index"))
        try Data("01\n".utf8).write(to: folder.appending(path: "own.serial"))
        try openssl(
            "ca", "-batch", "-config", "ca.conf", "-in", "\(name).csr", "-cert", "\(authority).pem", "-keyfile",
            "\(authority).key", "-startdate", dates[0], "-enddate", dates[1], "-extfile", "extensions", "-out",
            "\(name).pem", "-notext")
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        // waitUntilExit() would need a run loop of this thread.
        while process.isRunning { usleep(1_000) }
        try #require(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }
}
