internal import Glibc
internal import Testing

@testable internal import BPF

@Suite struct ReturnProbeTests {
    /// No process has it: the kernel's limit is 2²².
    private static let nobody = 0x7fff_ffff

    @Test func onlyProbesOfProcessesThatAreGoneAreLeftBehind() {
        let list = """
            p:kprobes/other do_sys_open
            r4096:tattle_\(Self.nobody)/on_send4 udp_sendmsg
            r4096:tattle_\(getpid())/on_send4 udp_sendmsg
            r4096:tattle_x/on_send4 udp_sendmsg
            r4096:tattle_0/on_send4 udp_sendmsg
            r:someone_\(Self.nobody)/on_send4 udp_sendmsg
            """
        #expect(ReturnProbe.leftBehind(in: list) == ["tattle_\(Self.nobody)/on_send4"])
        #expect(ReturnProbe.leftBehind(in: "").isEmpty)
    }
}
