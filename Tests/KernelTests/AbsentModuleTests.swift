internal import Foundation
internal import Testing

extension KernelSuite {
    /// A protocol that is a module.
    ///
    /// The first file of all: what loads it later does not let go of it.
    @Suite("A protocol whose module is not loaded")
    struct AbsentModule {
        private static let kinds = ["sctp4-refused", "sctp4-refused-nonblocking", "sctp4-established", "sctp4-sendto"]

        @Test("when the hooks are attached is seen all the same", arguments: Kernel.anyHookSet)
        func isSeen(hookSet: String) throws {
            if isLoaded("sctp") { try Test.cancel("SCTP is there already") }
            let run = try KindsRun(hookSet, Self.kinds)
            let truths = run.truths.values.filter { $0.status == "as_expected" }
            if truths.isEmpty { try Test.cancel("\(run.truths.values.first?.problem ?? "no SCTP")") }
            #expect(truths.count == Self.kinds.count)
            #expect(isLoaded("sctp"), "it was loaded meanwhile")
            try Kernel.checking {
                for truth in truths {
                    let limits = Limit.of(hookSet, truth.kind)
                    let problems = Verdict(run.records(of: truth), truth).problems.filter { problem in
                        !limits.contains { $0.facets.contains(problem.facet) }
                    }
                    #expect(problems.isEmpty, "\(truth.kind): \(problems)")
                }
            }
        }

        private func isLoaded(_ module: String) -> Bool {
            let modules = (try? String(contentsOfFile: "/proc/modules", encoding: .utf8)) ?? ""
            return modules.split(separator: "\n").contains { $0.hasPrefix(module + " ") }
        }
    }
}
