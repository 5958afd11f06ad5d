import Foundation
import Model
import Testing

@testable import Files

@Suite("Reading and hashing")
struct FileReaderTests {
    private let reader = FileReader(limitBytes: 1 << 30)

    private func found(_ path: String) throws -> ExecutableSearch.Found {
        let file = try OpenFile(path, flags: O_RDONLY)
        return ExecutableSearch.Found(file: file, stamp: FileStamp(try file.status()))
    }

    // FIPS 180-4's and RFC 1321's examples.
    @Test("known digests")
    func known() {
        var abc = Digests(wantsMD5: true)
        abc.add(Array("abcdef".utf8), count: 3)
        let digests = abc.end()
        #expect(
            hexadecimal(digests.sha256) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hexadecimal(digests.md5) == "900150983cd24fb0d6963f7d28e17f72")
        let empty = Digests(wantsMD5: false).end()
        #expect(
            hexadecimal(empty.sha256) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(empty.md5 == nil)
    }

    @Test(
        "lengths around the block's: as sha256sum and md5sum say",
        arguments: [0, 1, 262_143, 262_144, 262_145, 1 << 20])
    func lengths(_ length: Int) throws {
        let folder = try Folder()
        let path = try folder.write(String(repeating: "x", count: length), to: "file")
        let content = try #require(try reader.read(found(path), wantsMD5: true) { true }?.get())
        #expect(try hexadecimal(content.sha256) == sha256sum(path))
        #expect(try hexadecimal(content.md5) == firstWord("md5sum", [path]))
    }

    @Test("a file that grows or shrinks or is written to while it is read: changed")
    func moving() throws {
        let folder = try Folder()
        let changes: [(String) -> Void] = [
            { try? append("!", to: $0) },
            { try? shorten($0, 300_000) },
            { path in
                // Another mtime, as a write would leave.
                var times = [timespec](repeating: timespec(tv_sec: 1, tv_nsec: 1), count: 2)
                unsafe utimensat(AT_FDCWD, path, &times, 0)
            },
        ]
        for (number, change) in changes.enumerated() {
            let path = try folder.write(String(repeating: "x", count: 600_000), to: "file-\(number)")
            var blocks = 0
            let result = try reader.read(found(path), wantsMD5: false) {
                blocks += 1
                if blocks == 2 { change(path) }
                return true
            }
            #expect(result == .failure(.changed))
        }
    }

    @Test("stops between blocks")
    func stops() throws {
        let folder = try Folder()
        let path = try folder.write(String(repeating: "x", count: 1 << 20), to: "file")
        var blocks = 0
        let result = try reader.read(found(path), wantsMD5: false) {
            blocks += 1
            return blocks < 3
        }
        #expect(result == nil && blocks == 3)
    }

    @Test("a ctime of this tick may hide another change, one of an hour ago or to come does not")
    func settled() {
        var time = timespec()
        // `time` lives through the call.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        let hour = 3600
        #expect(FileStamp(inode: 1, changedNanoseconds: Int64(time.tv_sec - hour) * 1_000_000_000).isSettled)
        #expect(FileStamp(inode: 1, changedNanoseconds: Int64(time.tv_sec + hour) * 1_000_000_000).isSettled)
    }

    @Test("st_dev in the kernel's layout")
    func devices() {
        #expect(FileStamp.kernelDevice(0xfe00) == 254 << 20)
        #expect(FileStamp.kernelDevice(0x801) == 8 << 20 | 1)
        // makedev(0xabc, 0x12345)
        #expect(FileStamp.kernelDevice(0x123a_bc45) == 0xabc << 20 | 0x12345)
    }
}
