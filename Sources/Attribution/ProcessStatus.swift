/// The text of `/proc/PID/status`: proc_pid_status(5).
struct ProcessStatus {
    private let lines: [ArraySlice<UInt8>]

    /// Takes the bytes of `status`.
    init(_ bytes: [UInt8]) { lines = bytes.split(separator: UInt8(ascii: "\n")) }

    private func words(_ name: String) -> [String] {
        guard let line = lines.first(where: { $0.starts(with: name.utf8) }) else { return [] }
        return line.dropFirst(name.utf8.count).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The numbers after a name, as in `Uid:`; empty: there are none.
    func numbers(_ name: String) -> [UInt32] { words(name).compactMap { UInt32($0) } }

    /// The hexadecimal number after a name, as in `CapEff:`.
    func mask(_ name: String) -> UInt64? { words(name).first.flatMap { UInt64($0, radix: 16) } }
}
