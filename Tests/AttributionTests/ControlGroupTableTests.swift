internal import Model
internal import Testing

@testable internal import Attribution

private let path = Array("/system.slice/ssh.service".utf8)

/// Counts how often it was asked.
private final class FileSystem {
    var paths: [UInt64: [UInt8]] = [:]
    var questions = 0

    func path(_ id: UInt64) -> [UInt8]? {
        questions += 1
        return paths[id]
    }
}

@Suite struct ControlGroupTableTests {
    @Test func whatWasToldIsKnownWithoutLookingItUp() {
        let files = FileSystem()
        var table = ControlGroupTable(lookUp: files.path)
        table.add(id: 7, path: path)
        #expect(table.group(7)?.unit == "ssh.service" && table.group(7)?.path == path && table.group(7)?.id == 7)
        #expect(files.questions == 0)
    }

    @Test func toldAgainTheSameItIsTheSameObject() {
        var table = ControlGroupTable { _ in nil }
        table.add(id: 7, path: path)
        let first = table.group(7)
        table.add(id: 7, path: path)
        #expect(first != nil && table.group(7) === first)
    }

    @Test func oneThatIsGoneIsStillKnown() {
        var table = ControlGroupTable { _ in nil }
        table.add(id: 7, path: path)
        table.remove(id: 7)
        #expect(table.existingCount == 0 && table.group(7)?.path == path)
        table.remove(id: 7)
        table.remove(id: 8)
        #expect(table.removedCount == 1)
    }

    @Test func rememberingTheRemovedIsBoundedOldestFirst() {
        var table = ControlGroupTable { _ in nil }
        let count = UInt64(ControlGroupTable.removedLimit) + 10
        for id in 1...count { table.add(id: id, path: path) }
        for id in 1...count { table.remove(id: id) }
        #expect(table.removedCount == ControlGroupTable.removedLimit)
        #expect(table.group(10) == nil && table.group(11) != nil && table.group(count) != nil)
    }

    @Test func theExistingAreBoundedAndLookedUpAnew() {
        var table = ControlGroupTable { $0 == 1 ? path : nil }
        for id in 1...UInt64(ControlGroupTable.existingLimit) + 1 { table.add(id: id, path: []) }
        #expect(table.existingCount == 1)
        #expect(table.group(1)?.path == path)
    }

    @Test func aRenamedOneIsReadAnew() {
        var table = ControlGroupTable { _ in nil }
        table.add(id: 7, path: path)
        table.rename(id: 7, path: Array("/system.slice/cron.service".utf8))
        #expect(table.group(7)?.unit == "cron.service")
    }

    @Test func oneThatComesBackExists() {
        var table = ControlGroupTable { _ in nil }
        for _ in 0..<3 {
            table.add(id: 7, path: path)
            table.remove(id: 7)
        }
        table.add(id: 7, path: path)
        #expect(table.existingCount == 1 && table.removedCount == 0 && table.group(7) != nil)
    }

    @Test func whatIsNotKnownIsLookedUpOnce() {
        let files = FileSystem()
        files.paths[7] = path
        var table = ControlGroupTable(lookUp: files.path)
        for _ in 0..<5 { #expect(table.group(7)?.path == path) }
        #expect(files.questions == 1)
    }

    @Test func thatNothingIsKnownIsRememberedForAWhile() {
        let files = FileSystem()
        var table = ControlGroupTable(lookUp: files.path)
        for _ in 0...ControlGroupTable.unknownAnswers { #expect(table.group(7) == nil) }
        #expect(files.questions == 1)
        files.paths[7] = path
        #expect(table.group(7)?.path == path)
        #expect(files.questions == 2)
    }

    @Test func rememberingTheUnknownIsBounded() {
        let files = FileSystem()
        var table = ControlGroupTable(lookUp: files.path)
        for id in 1...UInt64(ControlGroupTable.unknownLimit) + 1 { _ = table.group(id) }
        let before = files.questions
        _ = table.group(2)
        #expect(files.questions == before)
        _ = table.group(1)
        #expect(files.questions == before + 1)
    }

    @Test func whatIsToldAfterwardsIsKnownAtOnce() {
        var table = ControlGroupTable { _ in nil }
        #expect(table.group(7) == nil)
        table.add(id: 7, path: path)
        #expect(table.group(7) != nil)
    }

    @Test func zeroIsNone() {
        let files = FileSystem()
        var table = ControlGroupTable(lookUp: files.path)
        table.add(id: 0, path: path)
        #expect(table.group(0) == nil && table.existingCount == 0 && files.questions == 0)
    }
}
