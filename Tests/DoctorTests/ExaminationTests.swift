internal import Foundation
internal import Testing

@testable internal import Capture
@testable internal import Doctor
internal import Model

/// A machine where the trampoline set runs and everything is there.
private func fit() -> Examination {
    var system = Examination.System(processIDs: .kernel)
    system.cgroupMount = "/sys/fs/cgroup"
    system.lockdown = "none"
    var examination = Examination(
        version: "1", kernelRelease: "6.12.1", architecture: "x86_64", operatingSystem: "Debian", system: system)
    examination.features = [
        .init(key: "btf", title: "BTF", state: .available, detail: nil, purpose: "every hook set")
    ]
    examination.hookSets = [
        .init(hookSet: .trampoline, state: .available), .init(hookSet: .kprobe, state: .available),
        .init(hookSet: .tracepoint, state: .available),
    ]
    examination.hooks = [
        .init(
            section: "fexit/tcp_connect", target: "tcp_connect", hookSets: [.trampoline], state: .available,
            isRequired: true, purpose: "TCP")
    ]
    examination.signatures = [
        Signature(
            kind: .function, name: "tcp_connect", state: .same, expected: "int tcp_connect(struct sock *sk)",
            found: "int tcp_connect(struct sock *sk)", differences: [])
    ]
    examination.capabilities = RequiredCapabilities.all.map {
        .init(name: $0.name, isHeld: true, isRequired: $0.isRequired, purpose: $0.purpose, loss: $0.loss)
    }
    examination.others = []
    return examination
}

@Suite struct VerdictTests {
    @Test func everythingThereIsFit() {
        #expect(fit().verdict == .fit && fit().findings.isEmpty && fit().chosen?.hookSet == .trampoline)
    }

    @Test func aLesserHookSetIsLimited() {
        var examination = fit()
        examination.hookSets[0].state = .unavailable
        examination.hookSets[0].reason = "cannot load"
        #expect(examination.verdict == .limited && examination.chosen?.hookSet == .kprobe)
    }

    @Test func aBlindSpotIsLimited() {
        var examination = fit()
        examination.hookSets[0].blindSpots = ["IPv6"]
        #expect(examination.verdict == .limited && examination.blindSpots == ["IPv6"])
    }

    @Test func aFailedSelfTestIsLimitedAndAPassedOneIsFit() {
        var examination = fit()
        examination.selfTest = SelfTestReport(passed: 3, notAvailable: ["sctp"])
        #expect(examination.verdict == .fit)
        examination.selfTest?.failed = [.init(kind: "mptcp", problem: "not seen")]
        #expect(examination.verdict == .limited)
        #expect(examination.findings.map(\.text) == ["self-test: 1 of 4 kinds failed: mptcp (not seen)"])
        for text in [examination.json, examination.text(usesColor: false)] {
            #expect(text.contains("mptcp") && text.contains("not seen") && text.contains("sctp"))
        }
    }

    @Test func aBlindSpotOfASetThatWouldNotRunIsNone() {
        var examination = fit()
        examination.hookSets[2].blindSpots = ["the errno"]
        #expect(examination.verdict == .fit && examination.blindSpots.isEmpty)
    }

    @Test func aMissingCapabilityForMoreIsLimitedAndABlindSpot() throws {
        var examination = fit()
        let index = try #require(examination.capabilities.firstIndex { !$0.isRequired })
        examination.capabilities[index].isHeld = false
        #expect(examination.verdict == .limited)
        #expect(examination.blindSpots.first?.contains(examination.capabilities[index].name) == true)
    }

    @Test func withoutCgroupsTheirPathsAreABlindSpot() {
        var examination = fit()
        examination.system.cgroupMount = nil
        #expect(examination.verdict == .limited && examination.blindSpots.count == 1)
    }

    @Test func aChangedPrototypeLimitsWhereItsHookIsUsed() {
        var examination = fit()
        examination.signatures[0].state = .changed
        examination.signatures[0].differences = ["lacks struct sock *sk"]
        #expect(examination.verdict == .limited)
        #expect(examination.findings.contains { $0.text.contains("lacks struct sock *sk") })
        examination.hooks[0].hookSets = [.kprobe]
        #expect(examination.verdict == .fit)
    }

    @Test func anAbsentFunctionLimitsOnlyWhereItIsRequired() {
        var examination = fit()
        examination.signatures[0].state = .absent
        #expect(examination.verdict == .limited)
        examination.hooks[0].isRequired = false
        #expect(examination.verdict == .fit)
    }

    @Test func anotherNamespaceOfProcessIDsIsUnfit() {
        var examination = fit()
        examination.system.processIDs = .nested
        #expect(examination.verdict == .unfit && !examination.lacksCapabilities)
        #expect(examination.findings.first?.remedy?.contains("--pid=host") == true)
    }

    @Test func noHookSetIsUnfit() {
        var examination = fit()
        for index in examination.hookSets.indices { examination.hookSets[index].state = .unavailable }
        examination.system.lockdown = "confidentiality"
        #expect(examination.verdict == .unfit)
        #expect(examination.findings.map(\.remedy) == ["boot with lockdown=integrity or none"])
    }

    @Test func noBTFIsUnfitAndTheOnlyThingSaid() {
        var examination = fit()
        examination.features[0].state = .unavailable
        for index in examination.hookSets.indices { examination.hookSets[index].state = .unavailable }
        #expect(examination.verdict == .unfit && examination.findings.count == 1)
    }

    @Test func missingPrivilegesAreUnfitAndWhatTheyHideIsUnknown() {
        var examination = fit()
        for index in examination.capabilities.indices { examination.capabilities[index].isHeld = false }
        for index in examination.hookSets.indices { examination.hookSets[index].state = .unknown }
        #expect(examination.verdict == .unfit && examination.lacksCapabilities)
        #expect(examination.findings.count == 1 && examination.findings[0].text.contains("CAP_BPF"))
    }

    @Test func programsOfOthersAreNotedAndLimitNothing() {
        var examination = fit()
        examination.others = [
            .init(id: 7, name: "a", type: "kprobe", hooks: ["kprobe/tcp_connect"], shared: ["kprobe/tcp_connect"]),
            .init(id: 8, name: "b", type: "kprobe", hooks: [], shared: []),
        ]
        #expect(examination.verdict == .fit && examination.findings.map(\.weight) == [.notes])
        #expect(examination.findings[0].text.hasPrefix("1 BPF program of others is"))
    }
}

@Suite struct ReportTests {
    @Test func jsonHasEveryMemberInItsPlace() throws {
        let data = Data(fit().json.utf8)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["verdict"] as? String == "fit" && object["hook_set"] as? String == "trampoline")
        #expect(
            object.keys.sorted() == [
                "blind_spots", "capabilities", "features", "findings", "hook_set", "hook_sets", "hooks", "kernel",
                "other_programs", "prototypes", "self_test", "system", "tattle", "verdict",
            ])
        let hooks = try #require(object["hooks"] as? [[String: Any]])
        #expect(hooks.first?["name"] as? String == "fexit/tcp_connect")
        #expect(fit().json.hasPrefix("{\n  \"verdict\": \"fit\",\n") && fit().json.hasSuffix("}\n"))
    }

    @Test func whatCannotBeAskedIsNull() throws {
        var examination = fit()
        examination.others = nil
        examination.hookSets = []
        let data = Data(examination.json.utf8)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["other_programs"] is NSNull && object["hook_set"] is NSNull)
        #expect(examination.text(usesColor: false).contains("CAP_SYS_ADMIN"))
    }

    @Test func stringsAreEscaped() throws {
        let text = "a\"b\\c\u{1}\n\u{7f}é"
        let json = JSONValue.array([.string(text)]).text()
        let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String]
        #expect(parsed == [text])
        #expect(!json.unicodeScalars.contains { $0.value == 1 || $0.value == 0x7f })
    }

    @Test func columnsStandBelowEachOtherAndColoursDoNotShiftThem() {
        for usesColor in [false, true] {
            var report = TextReport(usesColor: usesColor)
            report.rows([
                [.init("a"), .init("yes", .good), .init("x")], [.init("long"), .init("no", .bad), .init("y")],
            ])
            let plain = report.text.replacing(/\u{1b}\[[0-9]*m/, with: "")
            #expect(plain == "  a     yes  x\n  long  no   y\n")
            #expect((plain == report.text) == !usesColor)
        }
    }

    @Test func aRowEndsAfterItsLastWord() {
        var report = TextReport(usesColor: false)
        report.rows([[.init("a"), .init("b"), .init("")], [.init("c"), .init(""), .init("d")]])
        #expect(report.text == "  a  b\n  c     d\n")
    }

    @Test func whatSteersATerminalIsWrittenOut() {
        var examination = fit()
        examination.system.cgroupMount = "/mnt/\u{1b}[31m\u{202e}evil"
        let text = examination.text(usesColor: false)
        #expect(text.contains("/mnt/\\u{1b}[31m\\u{202e}evil") && !text.contains("\u{1b}"))
    }

    @Test func theTextSaysWhatTheVerdictIsAndWhy() {
        var examination = fit()
        examination.hookSets[0] = .init(hookSet: .trampoline, state: .unavailable, reason: "forbidden here")
        let text = examination.text(usesColor: false)
        #expect(text.contains("  limited  a trace would use hook set kprobe\n"))
        #expect(text.contains("forbidden here") && text.contains("tcp_connect"))
    }
}

@Suite struct SystemFilesTests {
    /// A root folder with some files.
    private func files(_ contents: [String: String]) throws -> SystemFiles {
        let root = NSTemporaryDirectory() + "tattle-root-\(UUID().uuidString)"
        for (path, text) in contents {
            let folder = (root + path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: root + path))
        }
        return SystemFiles(root: root)
    }

    @Test func theMachineIsReadFromItsFiles() throws {
        let limits = """
            Limit                     Soft Limit           Hard Limit           Units
            Max locked memory         8388608              unlimited            bytes
            """
        let files = try files([
            "/sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
            "/sys/kernel/security/lsm": "lockdown,capability,apparmor",
            "/proc/sys/kernel/unprivileged_bpf_disabled": "2\n", "/proc/self/limits": limits,
            "/proc/self/cgroup": "0::/a/b\n", "/cg/a/b/memory.max": "max\n", "/cg/a/memory.max": "4096000\n",
            "/cg/cgroup.type": "domain\n", "/sys/kernel/tracing/events/sched/sched_process_exec/id": "1",
        ])
        defer { try? FileManager.default.removeItem(atPath: files.root) }
        let system = files.system(version: KernelVersion("5.10.3"), cgroupMount: "/cg")
        #expect(system.lockdown == "integrity" && system.securityModules == "lockdown,capability,apparmor")
        #expect(system.unprivilegedBPFDisabled == 2 && system.lockedMemoryLimitBytes == 8_388_608)
        #expect(system.isLockedMemoryCharged && system.cgroupMemoryLimitBytes == 4_096_000)
        #expect(!system.isCgroupRoot && system.tracefs == "/sys/kernel/tracing")
    }

    @Test func whatIsNotThereIsNotSaid() throws {
        let system = SystemFiles(root: "/nonexistent").system(version: KernelVersion("5.11"), cgroupMount: nil)
        #expect(system.lockdown == nil && system.tracefs == nil && system.unprivilegedBPFDisabled == nil)
        #expect(!system.isLockedMemoryCharged && system.processIDs == .unknown && system.isCgroupRoot)
    }
}
