internal import BPF
internal import CProbes
public import Model

/// What the kernel knows and has not told.
extension Capture {
    /// Attempts that are on their way and were never told of, because the ring was full when they began.
    ///
    /// For the end: while the programs run, the outcome tells of them.
    public func untoldAttempts() -> [Attempt] {
        var count: UInt64 = 0
        return keptAttempts.compactMap { raw in
            guard UInt32(raw.flags) & TATTLE_FLAG_REPORTED.rawValue == 0 else { return nil }
            var raw = raw
            raw.phase = UInt8(TATTLE_PHASE_BEGUN.rawValue)
            // They were in no record of the ring: these numbers, of no hook, are ours to give.
            count += 1
            raw.header.sequence = count
            return Decoder.attempt(raw)
        }
    }

    /// TCP attempts on their way and connections they became, as the programs keep them.
    private var keptAttempts: [tattle_attempt] {
        guard let places = try? object.map("tcp_places"), let others = try? object.map("tcp_attempts") else {
            return []
        }
        let placed = (0..<UInt32(TATTLE_PLACES)).compactMap { number in
            places.value(of: number, as: tattle_tcp_place.self).flatMap { $0.place.key == 0 ? nil : $0.attempt }
        }
        return placed + others.keys(as: UInt64.self).compactMap { others.value(of: $0, as: tattle_attempt.self) }
    }

    /// The datagram socket under a key, as the programs keep it; nil: they do not.
    private func keptSocket(_ key: UInt64) -> tattle_udp_socket? {
        if let place = try? object.map("udp_places").value(of: Self.place(of: key), as: tattle_udp_place.self),
            place.place.key == key
        {
            return place.socket
        }
        return try? object.map("udp_sockets").value(of: key, as: tattle_udp_socket.self)
    }

    /// The number of a socket's place: bpf/include/places.h place_number().
    static func place(of socketKey: UInt64) -> UInt32 {
        (UInt32(truncatingIfNeeded: socketKey) &* TATTLE_PLACE_FACTOR) >> UInt32(TATTLE_PLACE_SHIFT)
    }

    /// The counters of a flow, wherever the kernel keeps them; nil when it has forgotten the flow.
    ///
    /// - Parameter forgets: also deletes them, so that the next datagram is an attempt anew. Only flows that
    ///   are not their socket's most recent are deleted: the others end with the socket, or when they are idle.
    public func counters(of attempt: Attempt, forgets: Bool) -> FlowCounters? {
        if let socket = keptSocket(attempt.socketKey), socket.generation == attempt.socketGeneration,
            socket.flow.attempt_id == attempt.id
        {
            return Decoder.counters(socket.flow)
        }
        guard let flows = try? object.map("udp_flows") else { return nil }
        // A worker of an old io_uring sends for its ring's owner, and a bound socket to the link that it is bound to.
        for sender in [attempt.process.pid, attempt.threadID] {
            for scope in Set([attempt.destination.scope, 0]) {
                let key = Self.flowKey(of: attempt, sender: sender, scope: scope)
                guard let flow = flows.value(of: key, as: tattle_flow.self), flow.attempt_id == attempt.id else {
                    continue
                }
                if forgets { flows.remove(key) }
                return Decoder.counters(flow)
            }
        }
        return nil
    }

    /// Where `udp_flows` has a flow.
    private static func flowKey(of attempt: Attempt, sender: UInt32, scope: UInt32) -> tattle_flow_key {
        var key = tattle_flow_key()
        key.socket_generation = attempt.socketGeneration
        key.destination_port_be = attempt.destination.port.bigEndian
        key.scope_id = scope
        key.sender = sender
        let (high, low) = attempt.destination.address.mapped
        unsafe withUnsafeMutableBytes(of: &key.destination) { bytes in
            // Sixteen bytes: two numbers.
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return key
    }
}
