import Foundation

/// A small tmpfs in a mount namespace of its own, held by a process in it; /proc leads there.
final class SmallFileSystem {
    /// Where it is.
    let path: String
    private let holder: Process
    private let input: Pipe

    private init(holder: Process, input: Pipe) {
        self.holder = holder
        self.input = input
        path = "/proc/\(holder.processIdentifier)/root/mnt"
    }

    /// Mounts one; nil: that is not allowed here.
    static func mount(kibibytes: Int) throws -> SmallFileSystem? {
        let holder = Process()
        let (input, output) = (Pipe(), Pipe())
        holder.executableURL = URL(filePath: "/usr/bin/unshare")
        holder.arguments = [
            "-m", "sh", "-c", "mount -t tmpfs -o size=\(kibibytes)k tmpfs /mnt && echo ready && exec cat",
        ]
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        let system = SmallFileSystem(holder: holder, input: input)
        return output.fileHandleForReading.availableData == Data("ready\n".utf8) ? system : nil
    }

    deinit {
        try? input.fileHandleForWriting.close()
        holder.waitUntilExit()
    }
}
