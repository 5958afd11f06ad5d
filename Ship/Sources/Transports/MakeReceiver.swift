public import Delivery
internal import Formats
internal import NIOSSL
public import ShipSettings

/// Makes what delivers to a destination over the network.
///
/// - Throws: where a file of TLS cannot be used, or the destination is none of the network.
public func makeReceiver(_ destination: DestinationSettings) throws(ShipConfigurationError) -> any Receiver {
    let tls = destination.transport == .tls ? try TLSConfiguration(destination) : nil
    let path = destination.path
    switch destination.kind {
    case .elasticsearch:
        let index = destination.index ?? IndexTemplate.defaultIndex
        return HTTPReceiver(destination, tls, BulkFormat(path: path, index: index))
    case .splunk:
        let format = HECFormat(
            path: path, index: destination.index, channel: destination.channel ?? randomUUID(),
            awaitsIndexer: destination.awaitsIndexer)
        return HTTPReceiver(destination, tls, format)
    case .otlp: return HTTPReceiver(destination, tls, OTLPFormat(path: path))
    case .clickhouse:
        return HTTPReceiver(destination, tls, ClickHouseFormat(path: path, table: destination.table ?? "tattle"))
    case .kafka:
        return HTTPReceiver(destination, tls, KafkaFormat(path: path, topic: destination.topic ?? "tattle"))
    case .http: return HTTPReceiver(destination, tls, LinesFormat(path: path))
    case .syslog where destination.transport == .udp: return SyslogDatagrams(destination)
    case .syslog:
        return SyslogStream(
            destination, try tls.map { (tls) throws(ShipConfigurationError) in try context(tls, destination) })
    case .file, .standardOutput:
        throw ShipConfigurationError("\(destination.name) is not on the network", exitCode: ShipExitCode.configuration)
    }
}

/// A UUID of version 4, RFC 9562.
private func randomUUID() -> String {
    let (high, low) = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
    let digits = { (value: UInt64, count: Int) in
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return [
        digits(high >> 32, 8), digits(high >> 16 & 0xffff, 4), "4" + digits(high & 0xfff, 3),
        digits(low >> 48 & 0x3fff | 0x8000, 4), digits(low & 0xffff_ffff_ffff, 12),
    ].joined(separator: "-")
}
