import Delivery
import Foundation
import ShipSettings
import Testing

@testable internal import Transports

@Suite struct TLSTests {
    /// Made once: openssl takes a while.
    private static let certificates = Result { try Certificates() }
    private let certificates: Certificates

    init() throws { certificates = try Self.certificates.get() }

    private func result(
        _ server: FaultServer, _ change: (inout DestinationSettings) -> Void = { _ in }
    ) async throws -> DeliveryResult {
        try await deliver(
            batch(2),
            to: destination(.elasticsearch, server.port, .tls) {
                $0.tls.authorityFile = certificates["authority.pem"]
                change(&$0)
            })
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func trustsItsOwnAuthority(_ host: String) async throws {
        let server = try FaultServer(["ok"], tls: certificates.pair("server"))
        #expect(try await result(server) { $0.host = host } == .acknowledged(rejected: []))
        #expect(try server.requests().count == 1)
    }

    @Test(arguments: ["expired", "other", "server"])
    func sendsNothingToWhomItCannotTrust(_ name: String) async throws {
        let server = try FaultServer(["ok"], tls: certificates.pair(name))
        let result = try await result(server) {
            // Of another authority.
            if name == "server" { $0.tls.authorityFile = certificates["stranger.pem"] }
        }
        let outage = try #require(result.outage)
        #expect(outage.kind == .lasting)
        #expect(outage.message.contains(name == "other" ? "another name" : "not valid"), "\(outage.message)")
        #expect(try server.requests().isEmpty)
    }

    @Test func trustsAnybodyOnlyWhenItIsToldTo() async throws {
        let server = try FaultServer(["ok"], tls: certificates.pair("expired"))
        #expect(try await result(server) { $0.tls.isVerified = false } == .acknowledged(rejected: []))
        #expect(destination(.http, 1, .tls) { $0.tls.isVerified = false }.warnings.count == 1)
    }

    @Test func showsItsOwnCertificate() async throws {
        let server = try FaultServer(
            ["ok"], tls: certificates.pair("server"), authority: certificates["authority.pem"])
        let delivered = try await result(server) {
            ($0.tls.certificateFile, $0.tls.keyFile) = (certificates["client.pem"], certificates["client.key"])
        }
        #expect(delivered == .acknowledged(rejected: []))
        for name in ["strange-client", nil] {
            let refused = try await result(server) {
                guard let name else { return }
                ($0.tls.certificateFile, $0.tls.keyFile) = (certificates["\(name).pem"], certificates["\(name).key"])
            }
            // Of what kind depends on whether the server's alert was lost when it closed the connection.
            #expect(refused.outage != nil, "\(refused)")
        }
        #expect(try server.requests().count == 1)
    }

    @Test func saysThatTheOtherEndSpeaksNoTLS() async throws {
        let server = try FaultServer(["ok"])
        let outage = try #require(try await result(server).outage)
        #expect(outage.kind == .lasting, "\(outage.message)")
        let encrypted = try FaultServer(["ok"], tls: certificates.pair("server"))
        #expect(try await deliver(batch(1), to: destination(.elasticsearch, encrypted.port)).outage != nil)
    }

    @Test func saysWhatToLookAtWhereTheOtherEndHangsUp() async throws {
        let server = try FaultServer(["hang-up"])
        let outage = try #require(try await result(server).outage)
        #expect(outage.kind == .passing)
        #expect(
            outage.message
                == "TLS with 127.0.0.1:\(server.port) failed: it closed the connection; does it speak TLS there?")
    }

    @Test func startsWithFilesOnlyThatCanBeUsed() throws {
        for change: (inout TLSSettings) -> Void in [
            { $0.authorityFile = certificates["server.key"] }, { $0.certificateFile = certificates["nothing"] },
            { $0.keyFile = certificates["server.pem"] },
            {
                ($0.certificateFile, $0.keyFile) = (certificates["client.pem"], certificates["server.key"])
            },
        ] {
            let error = #expect(throws: ShipConfigurationError.self) {
                try makeReceiver(destination(.http, 9, .tls) { change(&$0.tls) })
            }
            #expect(error?.exitCode == ShipExitCode.configuration && error?.description.contains("receiver") == true)
        }
    }
}
