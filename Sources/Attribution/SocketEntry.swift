public import Model

/// One line of /proc/PID/net/tcp, tcp6, udp or udp6: proc_net(5), net/ipv4/tcp_ipv4.c `get_tcp4_sock()`.
public struct SocketEntry: Sendable, Hashable {
    /// This end.
    public var local: Endpoint
    /// The other end; unspecified: there is none.
    public var remote: Endpoint
    /// The state's number, include/net/tcp_states.h; of UDP, 1 is connected and 7 is not.
    public var state: UInt8
    /// The inode of the socket; 0: nobody holds it any more.
    public var inode: UInt64

    /// The state of a TCP socket that listens.
    static let listening: UInt8 = 10
    /// The state of a UDP socket without another end.
    static let unconnected: UInt8 = 7

    /// Reads a line; nil when it is none, as the heading.
    ///
    /// `sl local remote st tx:rx tr:when retrnsmt uid timeout inode …`
    public init?(line: ArraySlice<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
        guard fields.count >= 10, let local = Self.endpoint(fields[1]), let remote = Self.endpoint(fields[2]),
            let state = Self.number(fields[3], radix: 16), state <= 0xff,
            let inode = Self.number(fields[9], radix: 10)
        else { return nil }
        self.local = local
        self.remote = remote
        self.state = UInt8(state)
        self.inode = inode
    }

    /// `AABBCCDD:PPPP`, or four such words before the port: each is the bytes of the address read as a number of this
    /// machine, the port is a plain number.
    private static func endpoint(_ text: ArraySlice<UInt8>) -> Endpoint? {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            let port = number(text[text.index(after: colon)...], radix: 16), port <= 0xffff
        else { return nil }
        let address = text[..<colon]
        guard address.count == 8 || address.count == 32 else { return nil }
        var words: [UInt64] = []
        for start in stride(from: address.startIndex, to: colon, by: 8) {
            guard let word = number(address[start..<start + 8], radix: 16) else { return nil }
            words.append(UInt64(UInt32(bigEndian: UInt32(word))))
        }
        let value =
            words.count == 1
            ? IPAddress.v4(UInt32(words[0]))
            : IPAddress(mappedHigh: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
        return Endpoint(address: value, port: UInt16(port))
    }

    /// Digits and nothing else; nil when it is more than 64 bits.
    private static func number(_ text: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
        guard !text.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in text {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte) - 48
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte) - 55
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte) - 87
            default: return nil
            }
            guard digit < radix else { return nil }
            let (product, isOver) = value.multipliedReportingOverflow(by: radix)
            let (sum, isOverAgain) = product.addingReportingOverflow(digit)
            guard !isOver, !isOverAgain else { return nil }
            value = sum
        }
        return value
    }
}
