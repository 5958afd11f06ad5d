internal import Capture
internal import Model
internal import SelfTest
internal import Testing

private let refused = Outcome.failed(errno: 111)
private let here = Endpoint(address: .v4(0x7f00_0001), port: 20000)

private func truth(
    _ kind: String = "tcp4-refused", pid: UInt32 = 7, status: Truth.Status = .made, needs: Truth.Needs = .nothing
) -> Truth {
    Truth(
        kind: kind, status: status, pid: pid, transport: .tcp, destination: here, outcome: refused, needs: needs)
}

private func attempt(
    pid: UInt32 = 7, to destination: Endpoint = here, transport: Transport = .tcp, _ outcome: Outcome = refused,
    via: Via = .syscall
) -> Attempt {
    Attempt(
        id: 1, reference: RecordReference(cpu: 0, hook: 1, sequence: 1), phase: .whole,
        startedBootNanoseconds: 1, observedBootNanoseconds: 2,
        process: ProcessIdentity(pid: pid, startBootNanoseconds: 1), threadID: pid, threadName: ThreadName("t".utf8),
        userID: 0, transport: transport, destination: destination, outcome: outcome, via: via)
}

private func report(_ attempts: [Attempt]) -> SelfTestReport {
    Comparison(hookSet: .trampoline).report([truth()], seen: attempts)
}

private func problem(_ attempts: [Attempt]) -> String? { report(attempts).failed.first?.problem }

@Suite struct ComparisonTests {
    @Test func whatIsSeenOnceAndRightPasses() {
        #expect(report([attempt()]) == SelfTestReport(passed: 1) && report([attempt()]).isPassed)
    }

    @Test func aMissingAttemptFails() { #expect(problem([]) == "not seen") }

    @Test func aDoubledAttemptFails() { #expect(problem([attempt(), attempt()]) == "seen 2 times") }

    @Test func aWrongErrnoFails() {
        #expect(problem([attempt(.failed(errno: 110))]) == "failed with errno 110, not failed with errno 111")
    }

    @Test func anAttemptWithoutItsOutcomeFails() {
        #expect(problem([attempt(.pending)]) == "without an outcome, not failed with errno 111")
    }

    @Test func aWrongProcessFails() { #expect(problem([attempt(pid: 8)]) == "laid to process 8, not 7") }

    @Test func aWrongDestinationFails() {
        let ports = attempt(to: Endpoint(address: .v4(0x7f00_0001), port: 1))
        let addresses = attempt(to: Endpoint(address: .v4(0x7f00_0002), port: 20000))
        for wrong in [ports, addresses, attempt(transport: .udp)] {
            #expect(problem([wrong]) == "seen with another destination")
        }
    }

    @Test func aWrongWayFails() { #expect(problem([attempt(via: .raw)]) == "via raw, not syscall") }

    @Test func aFrameIsToldByItsAddressAndType() {
        let frame = Endpoint(address: IPAddress(mappedHigh: 0xffff_ffff_ffff_0806, low: 0), port: 0, kind: .link)
        var arp = truth("packet-arp")
        (arp.transport, arp.destination, arp.via, arp.outcome) = (nil, frame, .packet, .sent)
        var other = frame
        other.address = IPAddress(mappedHigh: 0xffff_ffff_ffff_88cc, low: 0)
        let comparison = Comparison(hookSet: .trampoline)
        #expect(comparison.report([arp], seen: [attempt(to: frame, .sent, via: .packet)]).isPassed)
        #expect(!comparison.report([arp], seen: [attempt(to: other, .sent, via: .packet)]).isPassed)
    }

    @Test func eachKindIsToldByItself() {
        let truths = [truth("a", pid: 7), truth("b", pid: 8)]
        let report = Comparison(hookSet: .trampoline).report(truths, seen: [attempt(pid: 8)])
        #expect(report.passed == 1)
        // The other's attempt is not taken for its own.
        #expect(report.failed == [.init(kind: "a", problem: "not seen")])
    }

    @Test func whatTheHookSetDoesNotSeeIsNoFailure() {
        let truths = [truth("raw4", needs: .program("on_raw_send4"))]
        func covers(_ hookSet: HookSet, without missing: Set<String> = []) -> Bool {
            Comparison(hookSet: hookSet, missingPrograms: missing).report(truths, seen: []).notCovered.isEmpty
        }
        #expect(covers(.trampoline) && covers(.kprobe) && !covers(.tracepoint))
        #expect(!covers(.trampoline, without: ["on_raw_send4"]) && !covers(.kprobe, without: ["on_raw_send4_entry"]))
        #expect(covers(.trampoline, without: ["on_packet_send"]))
    }

    @Test func aProgramOfTheTracepointSetMattersToItAlone() {
        let truths = [truth("udp-splice", needs: .tracepointProgram("on_send_length"))]
        func report(_ hookSet: HookSet, _ missing: Set<String>) -> SelfTestReport {
            Comparison(hookSet: hookSet, missingPrograms: missing).report(truths, seen: [])
        }
        #expect(report(.tracepoint, ["on_send_length"]).notCovered == ["udp-splice"])
        #expect(report(.tracepoint, []).failed.count == 1 && report(.kprobe, ["on_send_length"]).failed.count == 1)
    }

    @Test func whatTheKernelLacksIsNoFailure() {
        let report = Comparison(hookSet: .trampoline).report([truth("mptcp", status: .notAvailable)], seen: [])
        #expect(report == SelfTestReport(notAvailable: ["mptcp"]) && report.isPassed)
    }

    @Test func aProcessThatHangsFails() {
        let report = Comparison(hookSet: .trampoline).report([truth(status: .unfinished)], seen: [])
        #expect(report.failed == [.init(kind: "tcp4-refused", problem: "its process did not end")])
    }

    @Test func aComplaintNamesWhatFailed() {
        #expect(SelfTestReport(passed: 3).complaint == nil)
        #expect(report([]).complaint == "self-test: 1 of 1 kinds failed: tcp4-refused (not seen)")
        #expect(SelfTestReport(problem: "no").complaint == "self-test not made: no")
    }
}
