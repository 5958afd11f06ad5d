internal import Model
internal import Testing

@Suite struct CapabilitiesTests {
    @Test(
        arguments: [
            (0, []),
            (1 << 0, ["CAP_CHOWN"]),
            (1 << 13, ["CAP_NET_RAW"]),
            (1 << 31, ["CAP_SETFCAP"]),
            (1 << 12 | 1 << 38 | 1 << 39, ["CAP_NET_ADMIN", "CAP_PERFMON", "CAP_BPF"]),
            (1 << 40, ["CAP_CHECKPOINT_RESTORE"]),
            (1 << 41 | 1 << 63, ["CAP_41", "CAP_63"]),
        ] as [(UInt64, [String])])
    func namesThoseThatAreSetInTheirOrder(mask: UInt64, names: [String]) {
        #expect(Capabilities.names(of: mask) == names)
    }

    @Test func everyOneOfTheFortyOneHasItsOwnName() {
        #expect(Capabilities.all == 0x1ff_ffff_ffff)
        #expect(Set(Capabilities.names(of: Capabilities.all)).count == 41)
        #expect(Capabilities.names(of: .max).count == 64)
        #expect(!Capabilities.names(of: Capabilities.all).contains("CAP_40"))
    }

    @Test func isFullOnlyWhenNoneIsMissing() {
        #expect(Capabilities.isFull(Capabilities.all) && Capabilities.isFull(.max))
        #expect(!Capabilities.isFull(0) && !Capabilities.isFull(Capabilities.all & ~(1 << 24)))
    }
}

@Suite struct ProcessFlagsTests {
    @Test func everyFlagHasItsName() {
        let all: [(ProcessFlags, String)] = [
            (.deleted, "deleted"), (.memfd, "memfd"), (.temporaryFolder, "temporary_folder"),
            (.worldWritable, "world_writable"), (.hiddenPath, "hidden_path"),
            (.kernelLookAlike, "kernel_look_alike"), (.ptraced, "ptraced"), (.preload, "preload"),
            (.unpackaged, "unpackaged"), (.setuid, "setuid"),
        ]
        for (flag, name) in all { #expect(flag.names.map(\.description) == [name]) }
        let together = all.reduce(into: ProcessFlags()) { $0.formUnion($1.0) }
        #expect(together.names.map(\.description) == all.map(\.1))
        #expect(ProcessFlags(rawValue: .max).names.count == all.count && ProcessFlags().names.isEmpty)
    }
}
