internal import Attribution
internal import Model
internal import Testing

private func flags(
    executable: String? = "/usr/bin/curl", isDeleted: Bool = false, isMemfd: Bool = false, mode: UInt16 = 0o755,
    name: String = "curl", firstArgument: String? = "curl", isKernelThread: Bool = false, isTraced: Bool = false,
    hasPreload: Bool = false, isUnpackaged: Bool = false
) -> ProcessFlags {
    ProcessFlags.of(
        executable: executable.map { Array($0.utf8) }, isDeleted: isDeleted, isMemfd: isMemfd, mode: mode,
        name: Array(name.utf8), firstArgument: firstArgument.map { Array($0.utf8) }, isKernelThread: isKernelThread,
        isTraced: isTraced, hasPreload: hasPreload, isUnpackaged: isUnpackaged)
}

@Suite struct ProcessFlagsRulesTests {
    @Test func anOrdinaryProcessHasNone() {
        #expect(flags() == [])
        #expect(flags(executable: nil, mode: 0, name: "", firstArgument: nil) == [])
    }

    @Test func whatIsToldIsSet() {
        #expect(flags(isDeleted: true) == .deleted)
        #expect(flags(isTraced: true) == .ptraced)
        #expect(flags(hasPreload: true) == .preload)
        #expect(flags(isUnpackaged: true) == .unpackaged)
    }

    @Test(arguments: [
        ("/tmp/x", true), ("/tmp/a/b", true), ("/dev/shm/x", true), ("/var/tmp/x", true), ("/run/shm/x", true),
        ("//tmp//x", true), ("/tmpfiles/x", false), ("/tmp", false), ("/tmp/", false), ("/var/tmpx/y", false),
        ("/dev/shmx/y", false), ("/dev/x", false), ("/home/ana/tmp/x", false), ("tmp/x", false), ("", false),
    ])
    func belowATemporaryFolderIsAboutComponentsNotLetters(path: String, isBelow: Bool) {
        #expect(flags(executable: path).contains(.temporaryFolder) == isBelow)
    }

    @Test(arguments: [
        ("/home/ana/.cache/x", true), ("/tmp/...", true), ("/usr/bin/.x", true), ("/opt/. /x", true),
        ("/usr/bin/x.y", false), ("/usr/./bin/../x", false), ("/usr/bin/x.", false),
    ])
    func aNameThatBeginsWithADotHides(path: String, isHidden: Bool) {
        #expect(flags(executable: path).contains(.hiddenPath) == isHidden)
    }

    @Test(
        arguments: [
            (0o755, []), (0o777, .worldWritable), (0o4755, .setuid), (0o4757, [.setuid, .worldWritable]), (0o775, []),
        ] as [(UInt16, ProcessFlags)])
    func theModeSaysWhoMayWriteAndAsWhomItRuns(mode: UInt16, expected: ProcessFlags) {
        #expect(flags(mode: mode) == expected)
    }

    @Test func theModeOfAMemfdSaysNothing() {
        #expect(flags(executable: "/memfd:x", isDeleted: true, isMemfd: true, mode: 0o777) == [.deleted, .memfd])
    }

    @Test(arguments: [
        "[kworker/0:1]", "kworker/0:1", "[kworker/u16:12", "kworker/R-rcu_g", "kworker", "ksoftirqd/0", "[kthreadd]",
        "migration/0", "[migration/3", "rcu_sched", "kdevtmpfsi", "kswapd0", "[anything]", "[sd pam]", "irq/24-pciehp",
        "jbd2/sda1-8", "[kworker/0:1]   ", "rcuop/2", "cpuhp/0",
    ])
    func aProcessCalledLikeAThreadOfTheKernelLooksLikeOne(name: String) {
        #expect(flags(name: name) == .kernelLookAlike)
        #expect(flags(firstArgument: name) == .kernelLookAlike)
        #expect(flags(name: name, firstArgument: nil, isKernelThread: true) == [])
    }

    @Test(arguments: [
        "[", "[]", "", "[[", " ", "(sd-pam)", "migration/run.sh", "watchdog", "irq/setup", "rcu", "krunner",
        "kwin_wayland", "/usr/bin/[", "a[kworker/0:1]", "nginx: worker [1]", "[celeryd: host] -active-", "]",
    ])
    func othersDoNot(name: String) {
        #expect(flags(name: name, firstArgument: name) == [])
    }
}
