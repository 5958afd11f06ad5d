internal import BPF
internal import CProbes
public import Model

extension Capture {
    /// How full the maps are that may be full: of sockets whose place another one has, and of further flows.
    ///
    /// One system call for each entry: not for every record.
    public func mapUse() -> [MapUse] {
        [
            use("tcp_attempts", keysAs: UInt64.self), use("udp_sockets", keysAs: UInt64.self),
            use("udp_flows", keysAs: tattle_flow_key.self),
        ].compactMap(\.self)
    }

    private func use<Key: BitwiseCopyable>(_ name: String, keysAs type: Key.Type) -> MapUse? {
        guard let (entries, capacity) = try? object.map(name).use(keysAs: type) else { return nil }
        return MapUse(name: name, entries: UInt64(entries), capacity: UInt64(capacity))
    }
}
