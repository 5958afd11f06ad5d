internal import BPF
internal import Capture
internal import Testing

@testable internal import Doctor

private let lines = """
    bpf/a.c:1:/* match-proto: net/a.c: int f(struct sockaddr *to) */
    bpf/a.c:2:/* match-proto: net/a.c: int f(struct sockaddr_unsized *to); since 6.19 */
    bpf/b.c:9:/* match-proto: net/a.c: int f(struct sockaddr *to) */
    bpf/b.c:10:/* match-proto: include/trace/events/x.h: send(struct sock *sk, int ret); since 6.4 */
    bpf/b.c:11:/* match-proto: net/s.c: int g(struct sock *sk); module sctp */
    bpf/b.c:12:/* match-proto: include/linux/m.h: SOME_MACRO, before f() looks for a route */
    bpf/b.c:13:/* match-proto: include/linux/m.h: OTHER_MACRO */
    bpf/b.c:14:/* match-proto: net/o.c: int old(int a); before 5.15 */
    bpf/b.c:15:/* match-proto: include/trace/events/module.h: come(struct module *mod); with modules */
    """

@Suite struct PrototypeTableTests {
    private let table = PrototypeTable(lines: lines)

    /// Compares the table with a kernel of these functions and tracepoints; the answer for one name.
    private func signature(
        _ name: String, _ release: String, functions: [String: String] = [:], tracepoints: [String: String] = [:],
        modules: Set<String> = [], hasModules: Bool = true
    ) throws -> Signature {
        let source = SignatureSource(
            version: try #require(KernelVersion(release)), function: { functions[$0] },
            tracepoint: { tracepoints[$0] }, meaning: { _ in nil }, isLoaded: modules.contains,
            hasModules: hasModules)
        return try #require(table.compare(with: source).first { $0.name == name })
    }

    @Test func macrosHaveNothingToCompareAndCopiesAreOne() {
        #expect(table.entries.map(\.name) == ["f", "g", "old", "come", "send"])
        #expect(table.entries.first?.variants.count == 2)
        #expect(table.entries.last?.kind == .tracepoint)
    }

    @Test func whatHoldsDependsOnTheKernel() throws {
        let old = ["f": "int f(struct sockaddr *to)"]
        let new = ["f": "int f(struct sockaddr_unsized *to)"]
        #expect(try signature("f", "6.18.3-cloud", functions: old).state == .same)
        #expect(try signature("f", "6.19", functions: new).state == .same)
        #expect(try signature("f", "7.2.13+deb14", functions: new).state == .same)
    }

    @Test func whatHoldsInAnotherKernelOnlyIsSaid() throws {
        let early = try signature("f", "6.18", functions: ["f": "int f(struct sockaddr_unsized *to)"])
        #expect(early.state == .otherVersion && early.differences.count == 1 && !early.isTrouble)
        let late = try signature("f", "6.19", functions: ["f": "int f(struct sockaddr *to)"])
        #expect(late.state == .otherVersion)
    }

    @Test func aChangeThatNoLineKnowsIsTrouble() throws {
        let changed = try signature("f", "6.1", functions: ["f": "int f(struct net *net, struct sockaddr *to)"])
        #expect(changed.state == .changed && changed.isTrouble)
        #expect(
            changed.differences == [
                "parameter 1 is struct net *net, not struct sockaddr *to", "has one more: struct sockaddr *to",
            ])
        #expect(changed.expected == "int f(struct sockaddr *to)")
    }

    @Test func aFunctionThatIsGoneIsTrouble() throws {
        let gone = try signature("f", "6.1")
        #expect(gone.state == .absent && gone.isTrouble && gone.found == nil)
    }

    @Test func whatIsNotExpectedInAKernelMayBeAbsent() throws {
        #expect(try signature("send", "6.1").state == .absentAsExpected)
        #expect(try signature("send", "6.4").state == .absent)
        #expect(try signature("old", "5.15").state == .absentAsExpected)
        #expect(try signature("old", "5.14").state == .absent)
    }

    @Test func ofSeveralLinesTheLatestHolds() throws {
        let lines = """
            bpf/a.c:1: * match-proto: include/trace/events/skb.h: drop(void *skb, int reason)
            bpf/a.c:2:/* match-proto: include/trace/events/skb.h: drop(void *skb); before 5.17 */
            bpf/a.c:3:/* match-proto: include/trace/events/skb.h: drop(void *skb, int reason, bool b); since 6.11 */
            bpf/a.c:4:/* match-proto: include/trace/events/skb.h: drop(void *skb, bool c); since 6.19; until 7.0 */
            """
        let entry = try #require(PrototypeTable(lines: lines).entries.first)
        let expected: (String) throws -> [Int] = { release in
            entry.expected(in: try #require(KernelVersion(release))).map(\.prototype.parameters.count)
        }
        #expect(try expected("5.10") == [1] && expected("5.17") == [2] && expected("6.10") == [2])
        #expect(try expected("6.11") == [3] && expected("6.19") == [2] && expected("7.0.9") == [2])
        #expect(try expected("7.1") == [3])
    }

    @Test func aTracepointHasNoNamesAndNoResult() throws {
        let there = ["send": "void send(struct sock *, int)"]
        #expect(try signature("send", "6.12", tracepoints: there).state == .same)
        #expect(try signature("send", "6.1", tracepoints: there).state == .otherVersion)
    }

    @Test func aModuleNeedNotBeLoaded() throws {
        #expect(try signature("g", "6.1").state == .absentAsExpected)
        #expect(try signature("g", "6.1", modules: ["sctp"]).state == .absent)
        #expect(try signature("g", "6.1", functions: ["g": "int g(struct sock *sk)"]).state == .same)
    }

    @Test func aKernelWithoutModulesTellsOfNone() throws {
        #expect(try signature("come", "6.1").state == .absent)
        #expect(try signature("come", "6.1", hasModules: false).state == .absentAsExpected)
        let there = ["come": "void come(struct module *)"]
        #expect(try signature("come", "6.1", tracepoints: there, hasModules: false).state == .same)
    }

    @Test func versionsAreComparedByNumber() throws {
        let versions = try ["5.10", "5.9.3", "6.1.0-50-cloud-amd64", "6.12", "7.0-rc1"].map {
            try #require(KernelVersion($0))
        }
        #expect(versions.sorted().map(\.description) == ["5.9", "5.10", "6.1", "6.12", "7.0"])
        #expect(KernelVersion("six") == nil && KernelVersion("6") == nil)
    }

    /// Every line of the sources but those of macros: a line that cannot be read would never be compared.
    @Test func everyLineOfTheSourcesIsRead() {
        let lines = HookSet.prototypeLines.split(separator: "\n")
        #expect(lines.count > 20)
        for line in lines where !line.contains("BPF_CGROUP_RUN_PROG") {
            #expect(!PrototypeTable(lines: String(line)).entries.isEmpty, "\(line)")
        }
    }
}
