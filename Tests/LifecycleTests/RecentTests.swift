import Testing

@testable import Lifecycle

@Suite("What is kept without an array")
struct RecentTests {
    @Test("the last four processes are remembered, each once, the newest last")
    func processes() {
        var recent = RecentProcesses()
        #expect(recent.all == [])
        for (pid, expected): (UInt32, [UInt32]) in [
            (1, [1]), (1, [1]), (2, [1, 2]), (1, [2, 1]), (3, [2, 1, 3]), (4, [2, 1, 3, 4]), (2, [1, 3, 4, 2]),
            (3, [1, 4, 2, 3]), (5, [4, 2, 3, 5]), (2, [4, 3, 5, 2]),
        ] {
            recent.note(pid)
            #expect(recent.all == expected)
        }
    }

    @Test("the flows of a socket are kept in order, and any of them can go")
    func flows() {
        var flows = FlowIDs()
        for id: UInt64 in 1...4 { flows.append(id) }
        flows.remove(1)
        flows.remove(3)
        flows.remove(9)
        #expect(flows.all == [2, 4])
        flows.remove(2)
        flows.remove(4)
        #expect(flows.isEmpty && flows.all == [])
    }
}
