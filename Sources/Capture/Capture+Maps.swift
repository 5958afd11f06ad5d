internal import BPF
internal import CProbes
public import Model

extension Capture {
    /// How full the maps are that may be full: of sockets whose place another one has, and of further flows.
    ///
    /// One system call for each entry, and the kernel walks over the whole map: not for every record. A map that nothing
    /// was ever put into, as on most machines, is not asked.
    public func mapUse() -> [MapUse] {
        [
            use("tcp_attempts", TATTLE_SPARE_ATTEMPTS, keysAs: UInt64.self),
            use("udp_sockets", TATTLE_SPARE_SOCKETS, keysAs: UInt64.self),
            use("udp_flows", TATTLE_SPARE_FLOWS, keysAs: tattle_flow_key.self),
        ].compactMap(\.self)
    }

    private func use<Key: BitwiseCopyable>(
        _ name: String, _ mark: tattle_spare_map, keysAs type: Key.Type
    ) -> MapUse? {
        guard let map = try? object.map(name) else { return nil }
        guard isUsed(mark) else { return MapUse(name: name, entries: 0, capacity: UInt64(map.maximumEntries)) }
        let (entries, capacity) = map.use(keysAs: type)
        return MapUse(name: name, entries: UInt64(entries), capacity: UInt64(capacity))
    }

    /// Whether programs ever put something into a map.
    private func isUsed(_ mark: tattle_spare_map) -> Bool {
        let offset = MemoryLayout<tattle_cpu_state>.offset(of: \.is_used)! + Int(mark.rawValue) * 8
        return (0..<states.count).contains { states.load(at: $0, offset: offset, as: UInt64.self) != 0 }
    }
}
