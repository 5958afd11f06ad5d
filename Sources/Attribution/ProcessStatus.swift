/// The text of `/proc/PID/status` and `/proc/PID/stat`: proc_pid_status(5), proc_pid_stat(5).
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

    /// What is of use in `stat`.
    struct Stat {
        var name: [UInt8]
        var parent: UInt32
        var session: UInt32
        /// Major << 20 | minor; nil: none.
        var terminal: UInt32?
        var flags: UInt32
        var startTicks: UInt64
    }

    /// `pid (name) state ppid … flags … starttime`: the name may hold anything, so it ends at the last `)`.
    static func parseStat(_ bytes: [UInt8]) -> Stat? {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")),
            open < close
        else { return nil }
        let rest = bytes[(close + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        // Counted from `state`, field 3: ppid is field 4, session 6, tty_nr 7, flags 9, starttime 22.
        guard rest.count > 19, let parent = UInt32(rest[1]), let session = Int32(rest[3]),
            let terminal = Int32(rest[4]),
            let flags = UInt32(rest[6]), let start = UInt64(rest[19])
        else { return nil }
        // tty_nr has the minor number's low byte, then the major number, then the rest of the minor number.
        let device = UInt32(bitPattern: terminal)
        let minor = device & 0xff | device >> 12 & 0xfff00
        return Stat(
            name: Array(bytes[(open + 1)..<close]), parent: parent, session: UInt32(max(session, 0)),
            terminal: device == 0 ? nil : (device >> 8 & 0xfff) << 20 | minor, flags: flags, startTicks: start)
    }
}
