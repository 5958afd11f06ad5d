import Testing

@testable import Logs

@Suite("When a file is ended")
struct RotationTests {
    @Test("by size: when the bytes are reached, not before")
    func size() {
        var rotation = Rotation(RotationPolicy(bytes: 1000))
        rotation.begin(headBytes: 400, now: 0)
        #expect(!rotation.isFull && rotation.bytesLeft == 600)
        rotation.add(bytes: 599)
        #expect(!rotation.isFull && rotation.bytesLeft == 1)
        rotation.add(bytes: 1)
        #expect(rotation.isFull)
        rotation.begin(headBytes: 400, now: 0)
        #expect(!rotation.isFull)
    }

    @Test("a file that is only its head is never ended, however small the limit and however long ago")
    func onlyHead() {
        var rotation = Rotation(RotationPolicy(bytes: 10, nanoseconds: 10))
        rotation.begin(headBytes: 400, now: 0)
        #expect(!rotation.isFull && !rotation.isOld(now: 1000) && rotation.deadline == nil)
        rotation.add(bytes: 1)
        #expect(rotation.isFull && rotation.isOld(now: 1000))
    }

    @Test("by time: at its age, not before; a time that never comes is none")
    func time() {
        var rotation = Rotation(RotationPolicy(nanoseconds: 100))
        rotation.begin(headBytes: 1, now: 50)
        rotation.add(bytes: 1)
        #expect(rotation.deadline == 150)
        #expect(!rotation.isOld(now: 149) && rotation.isOld(now: 150))
        var never = Rotation(RotationPolicy(nanoseconds: .max))
        never.begin(headBytes: 1, now: 50)
        never.add(bytes: 1)
        #expect(never.deadline == nil && !never.isOld(now: .max))
    }

    @Test("without a policy a file is never ended")
    func never() {
        var rotation = Rotation(RotationPolicy())
        rotation.begin(headBytes: 1, now: 0)
        rotation.add(bytes: 1 << 40)
        #expect(!rotation.isFull && !rotation.isOld(now: .max))
    }
}
