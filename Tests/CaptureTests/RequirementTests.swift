internal import Foundation
internal import Testing

@testable internal import Capture

@Suite struct RequiredCapabilitiesTests {
    @Test func rootHasWhatItNeeds() {
        #expect(RequiredCapabilities.missing(inEffective: .max).isEmpty)
    }

    @Test func theThreeCapabilitiesSuffice() {
        #expect(RequiredCapabilities.missing(inEffective: 1 << 39 | 1 << 38 | 1 << 12).isEmpty)
    }

    @Test func theAdministratorStandsForTwoOfThem() {
        #expect(RequiredCapabilities.missing(inEffective: 1 << 21 | 1 << 12).isEmpty)
        #expect(RequiredCapabilities.missing(inEffective: 1 << 21) == ["CAP_NET_ADMIN"])
    }

    @Test func whatIsMissingIsNamed() {
        #expect(RequiredCapabilities.missing(inEffective: 0) == ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"])
        #expect(RequiredCapabilities.missing(inEffective: 1 << 39) == ["CAP_PERFMON", "CAP_NET_ADMIN"])
    }
}

@Suite struct ProcessIDsTests {
    /// A folder like /proc; `self/ns/pid` is no namespace there, so it has another inode than the first one.
    private func proc(_ files: [String]) throws -> String {
        let root = NSTemporaryDirectory() + "tattle-proc-\(UUID().uuidString)"
        for file in files {
            let path = root + "/" + file
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: path))
        }
        return root
    }

    @Test func anotherNamespaceThanTheFirstIsNested() throws {
        let root = try proc(["self/ns/pid", "stat"])
        defer { try? FileManager.default.removeItem(atPath: root) }
        #expect(ProcessIDs.examine(proc: root) == .nested)
        #expect(ProcessIDs.nested.problem?.contains("--pid=host") == true)
    }

    @Test func aProcWithoutThisProcessIsForeign() throws {
        let root = try proc(["stat"])
        defer { try? FileManager.default.removeItem(atPath: root) }
        #expect(ProcessIDs.examine(proc: root) == .foreign)
        #expect(ProcessIDs.foreign.problem != nil)
    }

    @Test func withoutProcNothingIsKnownAndNothingWrong() {
        #expect(ProcessIDs.examine(proc: "/nonexistent") == .unknown)
        #expect(ProcessIDs.unknown.problem == nil && ProcessIDs.kernel.problem == nil)
    }
}
