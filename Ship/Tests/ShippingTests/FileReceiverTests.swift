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
