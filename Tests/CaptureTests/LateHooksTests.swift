internal import BPF
internal import CProbes
internal import Testing

@testable internal import Capture

@Suite struct LateHooksTests {
    private func module(in record: [UInt8]) -> ProtocolModule? { unsafe Decoder().module(in: record.span.bytes) }

    private func record(_ module: UInt32, _ type: tattle_record_type = TATTLE_RECORD_MODULE) -> tattle_module {
        tattle_module(
            header: header(type, length: MemoryLayout<tattle_module>.size, hook: UInt8(TATTLE_HOOK_MODULE.rawValue)),
            module: module, reserved: 0)
    }

    @Test func aModuleThatComesIsKnownByItsNumber() {
        #expect(module(in: bytes(record(TATTLE_MODULE_SCTP.rawValue))) == .sctp)
        #expect(module(in: bytes(record(TATTLE_MODULE_VSOCK.rawValue))) == .vsock)
        #expect(module(in: bytes(record(0))) == nil && module(in: bytes(record(3))) == nil)
        #expect(module(in: bytes(record(1, TATTLE_RECORD_EXIT))) == nil)
        #expect(module(in: Array(bytes(record(1)).dropLast())) == nil && module(in: []) == nil)
    }

    @Test(arguments: [HookSet.trampoline, .kprobe])
    func aSetThatHooksWhatAModuleNeedsDoesNotRequireIt(hookSet: HookSet) throws {
        let targets: Set = ["inet_sendmsg", "sock_def_wakeup", "sock_def_error_report"]
        let hooks = try hookSet.hooks().filter { targets.contains($0.target) }
        #expect(Set(hooks.map(\.target)) == targets && hooks.allSatisfy { !$0.isRequired })
    }
}
