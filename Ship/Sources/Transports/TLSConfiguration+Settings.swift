internal import NIOSSL
internal import ShipSettings

extension TLSConfiguration {
    /// What a destination asks of TLS: at least version 1.2.
    ///
    /// - Throws: where a file cannot be used; files are read now, not with the first connection.
    init(_ destination: DestinationSettings) throws(ShipConfigurationError) {
        let settings = destination.tls
        self = .makeClientConfiguration()
        minimumTLSVersion = .tlsv12
        certificateVerification = settings.isVerified ? .fullVerification : .none
        if let path = settings.authorityFile {
            let certificates = try Self.using(path, "certificates in PEM", destination) {
                try NIOSSLCertificate.fromPEMFile(path)
            }
            guard !certificates.isEmpty else {
                throw ShipConfigurationError(
                    "\(destination.name): ca: '\(path)' has no certificate", exitCode: ShipExitCode.configuration)
            }
            trustRoots = .certificates(certificates)
        }
        if let path = settings.certificateFile {
            certificateChain = try Self.using(path, "certificates in PEM", destination) {
                try NIOSSLCertificate.fromPEMFile(path).map { .certificate($0) }
            }
        }
        if let path = settings.keyFile {
            privateKey = try Self.using(path, "a key in PEM that is not encrypted", destination) {
                .privateKey(try NIOSSLPrivateKey(file: path, format: .pem))
            }
        }
        // Whether the key belongs to the certificate.
        _ = try context(self, destination)
    }

    private static func using<Value>(
        _ path: String, _ what: String, _ destination: DestinationSettings, read: () throws -> Value
    ) throws(ShipConfigurationError) -> Value {
        do {
            return try read()
        } catch {
            throw ShipConfigurationError(
                "\(destination.name): '\(path)' has no \(what) that can be used", exitCode: ShipExitCode.configuration)
        }
    }
}

/// What connections are made with.
func context(
    _ tls: TLSConfiguration, _ destination: DestinationSettings
) throws(ShipConfigurationError) -> NIOSSLContext {
    do {
        return try NIOSSLContext(configuration: tls)
    } catch {
        throw ShipConfigurationError(
            "\(destination.name): certificate and key cannot be used together; are they of one pair?",
            exitCode: ShipExitCode.configuration)
    }
}
