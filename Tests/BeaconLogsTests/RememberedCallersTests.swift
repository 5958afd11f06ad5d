import Beacons
import Testing

@testable import BeaconLogs
@testable import Reading

/// Who called in records, remembered in bounded memory.
@Suite struct RememberedCallersTests {
    @Test func longNamesAreForgottenBeforeTheyTakeMuch() {
        var callers = RememberedCallers()
        for index in 0..<64 {
            let line = Array(String(repeating: "x", count: 500_000).utf8) + Array("\(index)".utf8)
            var places = AttemptOutline.Places()
            places.executable = 0..<line.count
            let (caller, traits) = callers.caller(at: places, in: line)
            #expect(caller.identity.utf8.count == line.count && traits.executable == caller.identity)
            #expect(callers.keyBytes <= RememberedCallers.mostBytes)
        }
    }
}
