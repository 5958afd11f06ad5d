internal import Beacons
internal import Foundation
internal import Glibc
internal import Testing

@testable internal import TraceSession

/// When somebody last typed.
@Suite struct TerminalInputTests {
    private static let boot: Int64 = 1_700_000_000

    /// A folder in the place of the machine's, with files that were read at these seconds after it started.
    private func presence(_ files: [String: Int64], text: [String: String] = [:]) throws -> UserPresence {
        let root = NSTemporaryDirectory() + "tattle-terminals-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (path, seconds) in files {
            try write(text[path] ?? "", at: root + path)
            let times = [
                timespec(tv_sec: Int(Self.boot + seconds), tv_nsec: 0), timespec(tv_sec: Int(Self.boot), tv_nsec: 0),
            ]
            // Two times, as it wants them.
            try #require(unsafe utimensat(AT_FDCWD, root + path, times, 0) == 0)
        }
        return TerminalInput(root: root, bootSeconds: Self.boot).presence
    }

    private func write(_ text: String, at path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    private func after(_ seconds: Int64) -> UserPresence {
        .lastInput(nanoseconds: (Self.boot + seconds) * 1_000_000_000)
    }

    @Test func theTerminalThatWasReadLastCounts() throws {
        let terminals: [String: Int64] = ["/dev/pts/0": 500, "/dev/pts/12": 900, "/dev/tty1": 5, "/dev/ttyS0": 700]
        // What is no terminal's own is none: who opens it is not known.
        let others: [String: Int64] = ["/dev/pts/ptmx": 5000, "/dev/tty": 5000, "/dev/null": 5000]
        #expect(try presence(terminals.merging(others) { $1 }) == after(900))
    }

    @Test func aTerminalThatWasNotUsedSinceTheStartIsNobodys() throws {
        #expect(try presence(["/dev/tty1": 3, "/dev/ttyS0": 12]) == .never)
        #expect(try presence(["/dev/tty1": -86_400]) == .never)
    }

    @Test func whereThereIsAScreenItIsNotKnown() throws {
        let session = "/run/systemd/sessions/c2"
        for traces in [
            [session: "UID=1000\nTYPE=wayland\n"], ["/tmp/.X11-unix/X0": ""], ["/run/user/1000/wayland-0": ""],
        ] {
            let files = Dictionary(uniqueKeysWithValues: traces.keys.map { ($0, Int64(0)) })
            guard case .unknown = try presence(files.merging(["/dev/pts/0": 900]) { $1 }, text: traces) else {
                Issue.record("\(traces)")
                continue
            }
        }
        #expect(try presence([session: 0, "/dev/pts/0": 900], text: [session: "UID=0\nTYPE=tty\n"]) == after(900))
    }

    @Test func withoutATerminalItIsNotKnown() throws {
        #expect(try presence(["/dev/null": 900]) == .unknown("no terminal is there to be looked at"))
    }

    @Test func theKernelSetsATerminalsTimeWhenSomethingTypedIsRead() throws {
        let master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(master >= 0)
        defer { close(master) }
        var (number, isLocked) = (UInt32(0), Int32(0))
        // TIOCGPTN and TIOCSPTLCK of asm-generic/ioctls.h: one number each, which is written and read.
        try #require(unsafe ioctl(master, 0x8004_5430, &number) == 0 && ioctl(master, 0x4004_5431, &isLocked) == 0)
        let name = "/dev/pts/\(number)"
        let terminal = unsafe open(name, O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { close(terminal) }
        func accessed() -> Int {
            var status = stat()
            // Fills `status`.
            _ = unsafe fstat(terminal, &status)
            return status.st_atim.tv_sec
        }
        let old = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
        // Two times, as it wants them.
        try #require(unsafe futimens(terminal, old) == 0)
        // What a program writes is nobody's typing.
        #expect(unsafe Glibc.write(terminal, "output\n", 7) == 7)
        #expect(accessed() == 1_000_000)
        #expect(unsafe Glibc.write(master, "typed\n", 6) == 6)
        var typed = [UInt8](repeating: 0, count: 16)
        #expect(unsafe read(terminal, &typed, typed.count) == 6)
        #expect(accessed() > 1_000_000)
    }
}
