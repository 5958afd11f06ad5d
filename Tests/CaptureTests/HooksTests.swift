internal import Foundation
internal import Testing

@testable internal import Capture

@Suite struct HooksTests {
    @Test(arguments: HookSet.allCases) func everyOptionalProgramIsOneOfTheSet(hookSet: HookSet) throws {
        let hooks = try hookSet.hooks()
        #expect(Set(hooks.map(\.section)).count == hooks.count)
        #expect(hooks.contains { $0.section == "raw_tp/sched_process_exec" && $0.isRequired })
        #expect(hooks.allSatisfy { !$0.target.isEmpty })
        let blindSpots = Set(hooks.compactMap(\.blindSpot))
        #expect(blindSpots == Set(hookSet.optionalPrograms.compactMap(\.blindSpot)))
    }

    @Test func aStandInInAPlaceOfItsOwnIsNotRequired() throws {
        let hooks = try HookSet.tracepoint.hooks()
        let steady = try #require(hooks.first { $0.section == "tp/sched/sched_process_exec" })
        #expect(!steady.isRequired && steady.target == "sched_process_exec")
        #expect(hooks.contains { $0.target == "cgroup/connect4" })
    }
}

@Suite struct CgroupRootTests {
    @Test func aCgroupWithATypeIsNotTheRoot() throws {
        let folder = NSTemporaryDirectory() + "tattle-cgroup-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(CgroupRoot.isWhole(folder))
        try Data("domain\n".utf8).write(to: URL(fileURLWithPath: folder + "/cgroup.type"))
        #expect(!CgroupRoot.isWhole(folder))
    }
}
