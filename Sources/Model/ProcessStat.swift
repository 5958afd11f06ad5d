/// What is of use in `/proc/PID/stat`: proc_pid_stat(5).
public struct ProcessStat: Sendable, Hashable {
    /// The name of the leading thread, whatever bytes it has.
    public var name: [UInt8]
    /// The parent's pid; 0: none.
    public var parent: UInt32
    /// The pid of the session's leader; 0: none.
    public var session: UInt32
    /// The controlling terminal, major << 20 | minor; nil: none.
    public var terminal: UInt32?
    /// The kernel's `PF_` flags.
    public var flags: UInt32
    /// When the process started, in ticks of ``ProcessIdentity/tickNanoseconds`` of CLOCK_BOOTTIME.
    public var startTicks: UInt64

    /// Takes the bytes of the file; nil: they are not such a file's.
    ///
    /// `pid (name) state ppid … flags … starttime`: the name may hold anything, so it ends at the last `)`.
    public init?(_ bytes: [UInt8]) {
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
        name = Array(bytes[(open + 1)..<close])
        self.parent = parent
        self.session = UInt32(max(session, 0))
        self.terminal = device == 0 ? nil : (device >> 8 & 0xfff) << 20 | minor
        self.flags = flags
        startTicks = start
    }
}
