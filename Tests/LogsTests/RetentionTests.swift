import Testing

@testable import Logs

@Suite("Which files are kept")
struct RetentionTests {
    /// Files of 100 bytes, one each 10 ns, numbered from 0; each was last written to as the next one began.
    private func stored(_ count: Int) -> [StoredFile] {
        (0..<count).map { index in
            let time = UInt64(index * 10)
            return StoredFile(
                name: LogFileName(unixNanoseconds: time, sequence: UInt64(index)), bytes: 100,
                modifiedUnixNanoseconds: time + 10)
        }
    }

    private func expendable(_ policy: RetentionPolicy, _ stored: [StoredFile], now: UInt64 = 1000) -> [UInt64] {
        // In whatever order the folder had them; the newest is being written.
        let current = stored.map(\.name).max()!
        return policy.expendable(stored.reversed(), current: current, now: now).map(\.name.sequence)
    }

    @Test("without a limit everything is")
    func everything() {
        #expect(expendable(RetentionPolicy(), stored(5)) == [])
    }

    @Test("by number: the newest, the one that is being written among them")
    func number() {
        #expect(expendable(RetentionPolicy(files: 3), stored(5)) == [0, 1])
        #expect(expendable(RetentionPolicy(files: 5), stored(5)) == [])
        #expect(expendable(RetentionPolicy(files: 1), stored(5)) == [0, 1, 2, 3])
        #expect(
            expendable(RetentionPolicy(files: 0), stored(5)) == [0, 1, 2, 3], "never the one that is being written")
    }

    @Test("by bytes: as many of the newest as fit")
    func bytes() {
        #expect(expendable(RetentionPolicy(bytes: 300), stored(5)) == [0, 1])
        #expect(expendable(RetentionPolicy(bytes: 299), stored(5)) == [0, 1, 2])
        #expect(expendable(RetentionPolicy(bytes: 500), stored(5)) == [])
        #expect(expendable(RetentionPolicy(bytes: 1), stored(5)) == [0, 1, 2, 3])
    }

    @Test("by age: what was written to since")
    func age() {
        #expect(expendable(RetentionPolicy(nanoseconds: 30), stored(5), now: 60) == [0, 1])
        #expect(expendable(RetentionPolicy(nanoseconds: 60), stored(5), now: 60) == [])
        #expect(expendable(RetentionPolicy(nanoseconds: 0), stored(5), now: 60) == [0, 1, 2, 3])
        #expect(expendable(RetentionPolicy(nanoseconds: 100), stored(5), now: 60) == [], "before 1970 there was none")
    }

    @Test("by all of them: what every limit allows, and never one from the midst")
    func together() {
        #expect(expendable(RetentionPolicy(files: 4, bytes: 200, nanoseconds: 1000), stored(5)) == [0, 1, 2])
        var files = stored(5)
        // An old file that somebody touched, and a young one that seems old.
        files[0].modifiedUnixNanoseconds = 999
        files[2].modifiedUnixNanoseconds = 0
        #expect(expendable(RetentionPolicy(nanoseconds: 990), files) == [0, 1, 2])
    }

    @Test("what is newer than the one that is being written is not touched")
    func newer() {
        let files = stored(5)
        #expect(
            RetentionPolicy(files: 1).expendable(files, current: files[2].name, now: 1000).map(\.name.sequence) == [
                0, 1,
            ])
    }
}
