internal import CProbes
internal import Capture
internal import Model
internal import Testing

/// Whether an attempt's SYN left: what the kernel's own counter is compared with.
@Suite struct SynSentTests {
    private func isSynSent(
        hook: tattle_hook, phase: tattle_phase, outcome: tattle_outcome, flags: UInt32 = 0
    ) -> Bool? {
        var raw = attemptRecord()
        raw.header.hook = UInt8(hook.rawValue)
        raw.phase = UInt8(phase.rawValue)
        raw.outcome = UInt8(outcome.rawValue)
        raw.flags = UInt8(flags)
        guard case .attempt(let attempt) = unsafe Decoder().decode(bytes(raw).span.bytes) else { return nil }
        return attempt.isSynSent
    }

    @Test func theProgramsFlagSaysIt() {
        let flag = TATTLE_FLAG_SYN_SENT.rawValue
        #expect(
            isSynSent(hook: TATTLE_HOOK_SYN, phase: TATTLE_PHASE_BEGUN, outcome: TATTLE_OUTCOME_PENDING, flags: flag)
                == true)
        #expect(
            isSynSent(hook: TATTLE_HOOK_CONNECT_EXIT, phase: TATTLE_PHASE_WHOLE, outcome: TATTLE_OUTCOME_FAILED)
                == false)
    }

    @Test func withoutTheFlagTheHookOnTheStateSaysIt() {
        let state = TATTLE_HOOK_STATE
        #expect(isSynSent(hook: state, phase: TATTLE_PHASE_BEGUN, outcome: TATTLE_OUTCOME_PENDING) == true)
        #expect(isSynSent(hook: state, phase: TATTLE_PHASE_OUTCOME, outcome: TATTLE_OUTCOME_FAILED) == true)
        // Closed by the program: with fast open nothing may have been sent.
        #expect(isSynSent(hook: state, phase: TATTLE_PHASE_OUTCOME, outcome: TATTLE_OUTCOME_ABORTED) == false)
        // connect() itself failed, as when no port is free.
        #expect(
            isSynSent(
                hook: TATTLE_HOOK_SYSCALL_EXIT, phase: TATTLE_PHASE_OUTCOME, outcome: TATTLE_OUTCOME_FAILED) == false)
    }
}
