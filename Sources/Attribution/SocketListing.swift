internal import Model

/// The sockets of one network namespace, as its listings come in: those with another end and an owner are kept, of
/// the others their ports, which tell who began a connection.
struct SocketListing {
    /// A port on which something waits for others.
    private struct Port: Hashable {
        var isTCP: Bool
        var number: UInt16
    }

    /// A socket that has another end.
    struct Connected {
        var entry: SocketEntry
        var state: SocketState
        var transport: Transport
    }

    /// Those found, in the order of the listings.
    private(set) var connected: [Connected] = []
    /// How many more there are than there was room for.
    private(set) var omittedCount: UInt64 = 0
    private var listening: Set<Port> = []
    private let limit: Int

    /// Makes an empty one with room for `limit` sockets.
    init(limit: Int) { self.limit = limit }

    /// Takes the text of a listing, or a part of it that ends with a line.
    mutating func add(_ text: ArraySlice<UInt8>, of transport: Transport) {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let entry = SocketEntry(line: line) else { continue }
            let isTCP = transport == .tcp
            if entry.state == (isTCP ? SocketEntry.listening : SocketEntry.unconnected) {
                if entry.local.port != 0 { listening.insert(Port(isTCP: isTCP, number: entry.local.port)) }
                continue
            }
            // Without an inode it is nobody's: SYN_RECV, TIME_WAIT, and what was closed and is still on its way.
            guard entry.inode != 0, let state = SocketState(rawValue: entry.state), isTCP || state == .established
            else {
                continue
            }
            if connected.count < limit {
                connected.append(Connected(entry: entry, state: state, transport: transport))
            } else {
                omittedCount += 1
            }
        }
    }

    /// Who began a connection: the other end, if something listens here on its local port, else this machine.
    ///
    /// To be asked when every listing is in. A server that has stopped to listen while its connections last looks
    /// like a client. A UDP socket without another end on the same port counts as one that listens.
    func direction(of socket: Connected) -> ConnectionDirection {
        listening.contains(Port(isTCP: socket.transport == .tcp, number: socket.entry.local.port)) ? .ingress : .egress
    }
}
