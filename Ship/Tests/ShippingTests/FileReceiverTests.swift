import Delivery
import Glibc
import Shipping
import Testing

@Suite("A file as a destination")
struct FileReceiverTests {
    private func batch(_ text: String) -> Batch { Batch(bytes: Array(text.utf8)) }

    @Test("Lines are appended, pieces of a batch too, and a renamed file is left behind")
    func appends() async {
        let scratch = Scratch()
        let path = scratch.path("out")
        let receiver = FileReceiver(name: "file", path: path, limits: BatchLimits())
        #expect(await receiver.deliver(batch("a\nb\nc\n")) == .acknowledged(rejected: []))
        #expect(await receiver.deliver(batch("d\ne\nf\n").picking([0, 2])) == .acknowledged(rejected: []))
        #expect(Scratch.content(path) == "a\nb\nc\nd\nf\n")
        unsafe rename(path, scratch.path("old"))
        #expect(await receiver.deliver(batch("g\n")) == .acknowledged(rejected: []))
        #expect(Scratch.content(path) == "g\n")
        #expect(Scratch.content(scratch.path("old")) == "a\nb\nc\nd\nf\n")
        await receiver.close()
    }

    @Test(
        "A torn line that a kill left is taken away: its record comes again",
        arguments: ["a\nb\n{\"torn", "{\"torn", ""])
    func torn(_ text: String) async throws {
        let scratch = Scratch()
        let path = scratch.path("out")
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        let bytes = Array(text.utf8)
        // Reads bytes.count bytes.
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        let receiver = FileReceiver(name: "file", path: path, limits: BatchLimits())
        #expect(await receiver.deliver(batch("c\n")) == .acknowledged(rejected: []))
        #expect(Scratch.content(path) == (text.hasPrefix("a") ? "a\nb\nc\n" : "c\n"))
        await receiver.close()
    }

    @Test("What is no file is an outage that somebody has to end, and that says how")
    func noFile() async throws {
        let scratch = Scratch()
        #expect(unsafe mkfifo(scratch.path("pipe"), 0o600) == 0)
        // Open for both: somebody could read it.
        let reader = unsafe open(scratch.path("pipe"), O_RDWR | O_NONBLOCK)
        defer { close(reader) }
        #expect(unsafe mkdir(scratch.path("folder"), 0o700) == 0)
        #expect(unsafe symlink(scratch.path("target"), scratch.path("link")) == 0)
        for (name, advice) in [("pipe", "let --to -"), ("folder", "name a file in it"), ("link", "that it leads to")] {
            let receiver = FileReceiver(name: "file", path: scratch.path(name), limits: BatchLimits())
            guard case .outage(let outage) = await receiver.deliver(batch("a\n")) else {
                Issue.record("\(name) took it")
                continue
            }
            #expect(outage.kind == .lasting)
            #expect(outage.message.contains(advice), "\(outage.message)")
            await receiver.close()
        }
        var there: Int32 = -1
        // Fills `there`.
        #expect(unsafe ioctl(reader, UInt(FIONREAD), &there) == 0)
        #expect(there == 0)
    }

    @Test("What cannot be written is an outage that says what to do")
    func full() async {
        let scratch = Scratch()
        for (path, advice) in [("/dev/full", "make room"), (scratch.path("no/file"), "make its folder")] {
            let receiver = FileReceiver(name: "file", path: path, limits: BatchLimits())
            guard case .outage(let outage) = await receiver.deliver(batch("a\n")) else {
                Issue.record("\(path) took it")
                continue
            }
            #expect(outage.kind == .passing)
            #expect(outage.message.contains(advice))
            await receiver.close()
        }
    }
}
