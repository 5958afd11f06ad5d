internal import Attribution
internal import Model
internal import Testing

private let a = String(repeating: "a1b2c3d4", count: 8)

/// What a path is to say of systemd.
struct Expected: Sendable {
    var path: String
    var unit: String?
    var slice: String?
    var isUserUnit = false
    var manager: UInt32?
}

@Suite struct UnitPathTests {
    @Test(arguments: [
        Expected(path: "/"),
        Expected(path: "/init.scope", unit: "init.scope"),
        Expected(path: "/system.slice", slice: "system.slice"),
        Expected(path: "/system.slice/ssh.service", unit: "ssh.service", slice: "system.slice"),
        Expected(path: "/system.slice/cups.socket", unit: "cups.socket", slice: "system.slice"),
        Expected(
            path: "/system.slice/system-getty.slice/getty@tty1.service", unit: "getty@tty1.service",
            slice: "system-getty.slice"),
        Expected(
            path: "/system.slice/dev-disk-by\\x2duuid-a.swap", unit: "dev-disk-by\\x2duuid-a.swap",
            slice: "system.slice"),
        // An underscore keeps a unit apart from a file of the kernel's.
        Expected(path: "/system.slice/_cpu.service", unit: "cpu.service", slice: "system.slice"),
        // What a unit makes below itself is not a unit.
        Expected(path: "/system.slice/evil.service/ssh.service", unit: "evil.service", slice: "system.slice"),
        Expected(path: "/system.slice/evil.service/a.slice/b.scope", unit: "evil.service", slice: "system.slice"),
        Expected(path: "/made-by-hand/ssh.service"),
        // Sessions and users' managers.
        Expected(
            path: "/user.slice/user-1000.slice/session-3.scope", unit: "session-3.scope", slice: "user-1000.slice"),
        Expected(
            path: "/user.slice/user-1000.slice/user@1000.service", unit: "user@1000.service",
            slice: "user-1000.slice"),
        Expected(
            path: "/user.slice/user-1000.slice/user@1000.service/init.scope", unit: "init.scope",
            slice: "user-1000.slice", isUserUnit: true, manager: 1000),
        Expected(
            path: "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-12.scope",
            unit: "app-gnome-firefox-12.scope", slice: "app.slice", isUserUnit: true, manager: 1000),
        Expected(
            path: "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service/b.service", unit: "a.service",
            slice: "app.slice", isUserUnit: true, manager: 1000),
        Expected(
            path: "/user.slice/user-0.slice/user@0.service/made-by-hand", unit: "user@0.service",
            slice: "user-0.slice", manager: 0),
        Expected(
            path: "/user.slice/user-1.slice/user@1.service/user@2.service/c.service", unit: "user@2.service",
            slice: "user-1.slice", isUserUnit: true, manager: 1),
        Expected(
            path: "/user.slice/user@root.service/a.service", unit: "user@root.service", slice: "user.slice"),
        // Containers: their scope; theirs when they have a systemd of their own.
        Expected(
            path: "/system.slice/docker-\(a).scope", unit: "docker-\(a).scope", slice: "system.slice"),
        Expected(
            path: "/system.slice/docker-\(a).scope/system.slice/nginx.service", unit: "nginx.service",
            slice: "system.slice"),
        Expected(path: "/lxc.payload.web/system.slice/ssh.service", unit: "ssh.service", slice: "system.slice"),
        Expected(path: "/lxc/101/ns/init.scope", unit: "init.scope"),
        Expected(
            path: "/machine.slice/machine-a.scope/payload/init.scope", unit: "init.scope", slice: "machine.slice"),
        Expected(
            path: "/machine.slice/systemd-nspawn@a.service/supervisor", unit: "systemd-nspawn@a.service",
            slice: "machine.slice"),
        Expected(
            path: "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(a).scope/container",
            unit: "libpod-\(a).scope", slice: "user.slice", isUserUnit: true, manager: 1000),
        Expected(
            path: "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(a).scope/init.scope",
            unit: "init.scope", slice: "user.slice", manager: 1000),
        Expected(
            path: "/kubepods.slice/kubepods-burstable.slice/crio-conmon-\(a).scope", unit: "crio-conmon-\(a).scope",
            slice: "kubepods-burstable.slice"),
    ])
    func theUnitIsThatOfTheInnermostManager(expected: Expected) {
        let group = ControlGroup(id: 1, parsing: Array(expected.path.utf8))
        #expect(group.unit == expected.unit)
        #expect(group.slice == expected.slice)
        #expect(group.isUserUnit == expected.isUserUnit)
        #expect(group.managerUserID == expected.manager)
    }

    /// systemd's own examples, src/test/test-cgroup-util.c and test-unit-name.c.
    @Test(arguments: [
        "getty@.service", "getty####@tty6.service", "@tty.service", ".service", "a.timer", "a", "service", "a .service",
        "a@b.slice", "-a.slice", "a-.slice", "a--b.slice", ".slice", "-.slice",
    ])
    func whatSystemdWouldNotCallAUnitIsNone(name: String) {
        let group = ControlGroup(id: 1, parsing: Array("/\(name)".utf8))
        #expect(group.unit == nil && group.slice == nil)
    }
}
