internal import Testing

@testable internal import Capture

@Suite struct KernelTextTests {
    private func extent(_ lines: [String]) -> Range<UInt64>? {
        var rest = lines[...]
        return KernelText.extent(of: "nf_hook_slow") { rest.popFirst() }
    }

    @Test func aFunctionEndsWhereTheNextBegins() {
        let lines = [
            "ffffffff81a00000 T before", "ffffffff81a00100 T nf_hook_slow", "ffffffff81a001c0 t after",
        ]
        #expect(extent(lines) == 0xffff_ffff_81a0_0100..<0xffff_ffff_81a0_01c0)
    }

    @Test func anotherNameOfItIsNotItsEnd() {
        let lines = ["ffffffff81a00100 T nf_hook_slow", "ffffffff81a00100 t alias", "ffffffff81a00180 T after"]
        #expect(extent(lines) == 0xffff_ffff_81a0_0100..<0xffff_ffff_81a0_0180)
    }

    @Test func hiddenAddressesAreNone() {
        #expect(extent(["0000000000000000 T nf_hook_slow", "0000000000000000 T after"]) == nil)
    }

    @Test func aKernelWithoutNetfilterHasNone() {
        #expect(extent(["ffffffff81a00000 T nf_hook_slower", "ffffffff81a00180 T after"]) == nil)
    }

    @Test func theLastLineHasNoEnd() {
        // A module's, further down in memory, is not what comes after it.
        #expect(extent(["ffffffff81a00100 T nf_hook_slow"]) == nil)
        #expect(extent(["ffffffff81a00100 T nf_hook_slow", "ffffffff80000000 t in_a_module\t[nf_tables]"]) == nil)
    }
}
