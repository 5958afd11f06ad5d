internal import Attribution
internal import Model
internal import Testing

private let a = String(repeating: "a1b2c3d4", count: 8)
private let b = String(repeating: "0f9e8d7c", count: 8)
private let pod = "72f7f152-440c-66ac-9084-e0fc1d8a910c"
private let podSlice = "pod72f7f152_440c_66ac_9084_e0fc1d8a910c.slice"

private func group(_ path: String) -> ControlGroup { ControlGroup(id: 1, parsing: Array(path.utf8)) }

@Suite struct ContainerPathTests {
    @Test(
        arguments: [
            // Docker: systemd's driver, cgroupfs, a parent of its own, within another, kind's kubelet in one.
            ("/system.slice/docker-\(a).scope", a, "docker"),
            ("/docker/\(a)", a, "docker"),
            ("/batch.slice/batch-night.slice/docker-\(a).scope", a, "docker"),
            ("/batch/\(a)", a, nil),
            ("/\(a)", a, nil),
            ("/system.slice/docker-\(a).scope/docker/\(b)", b, "docker"),
            ("/docker/\(a)/docker/\(b)/deeper", b, "docker"),
            ("/docker/\(a)/system.slice/docker-\(b).scope", b, "docker"),
            ("/system.slice/docker-\(a).scope/init.scope", a, "docker"),
            ("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-\(a).scope", a, "docker"),
            // containerd: ctr and nerdctl, CRI with and without systemd's driver.
            ("/default/\(a)", a, "containerd"),
            ("/k8s.io/\(a)", a, "containerd"),
            ("/system.slice/nerdctl-\(a).scope", a, "containerd"),
            (
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-\(podSlice)/cri-containerd-\(a).scope", a,
                "containerd"
            ),
            ("/system.slice/containerd.service/kubepods-besteffort-\(podSlice):cri-containerd:\(a)", a, "containerd"),
            ("/kubepods/burstable/pod\(pod)/\(a)", a, nil),
            // CRI-O.
            ("/kubepods.slice/kubepods-\(podSlice)/crio-\(a).scope", a, "cri-o"),
            ("/kubepods.slice/kubepods-\(podSlice)/crio-\(a).scope/container", a, "cri-o"),
            ("/kubepods/pod\(pod)/crio-\(a)", a, "cri-o"),
            // Podman: root, rootless, crun's folder within, cgroupfs with a pod, --cgroups=split.
            ("/machine.slice/libpod-\(a).scope", a, "podman"),
            ("/machine.slice/libpod-\(a).scope/container", a, "podman"),
            ("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(a).scope", a, "podman"),
            ("/machine.slice/machine-libpod_pod_\(b).slice/libpod-\(a).scope", a, "podman"),
            ("/libpod_parent/libpod-\(a)", a, "podman"),
            ("/libpod_parent/\(b)/libpod-\(a)", a, "podman"),
            ("/system.slice/nginx.service/libpod-payload-\(a)", a, "podman"),
            // LXC.
            ("/lxc.payload.web", "web", "lxc"),
            ("/lxc.payload.project_web-1/init.scope", "project_web-1", "lxc"),
            ("/lxc/web", "web", "lxc"),
            ("/lxc/101/ns/system.slice/ssh.service", "101", "lxc"),
            ("/lxc/101/ns/lxc/inner", "inner", "lxc"),
            ("/lxc.payload/web", "web", "lxc"),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/a.scope/lxc.payload.web", "web", "lxc"),
            // systemd-nspawn, and libvirt's LXC driver.
            ("/machine.slice/machine-deb12.scope", "deb12", "systemd-nspawn"),
            ("/machine.slice/machine-my\\x2dbox.scope/payload/init.scope", "my-box", "systemd-nspawn"),
            ("/machine.slice/systemd-nspawn@my-box.service/payload", "my-box", "systemd-nspawn"),
            ("/machine.slice/machine-lxc\\x2d1234\\x2dweb.scope", "lxc-1234-web", nil),
            ("/machine.slice/machine-a.scope/payload/docker/\(b)", b, "docker"),
            ("/docker/\(b)/machine.slice/systemd-nspawn@x.service/supervisor", b, "docker"),
        ] as [(String, String, String?)])
    func theInnermostContainerIsNamed(path: String, id: String, runtime: String?) {
        #expect(group(path).container == ContainerFacts(id: id, runtime: runtime))
    }

    @Test(arguments: [
        "", "/", "/init.scope", "/system.slice/docker.service", "/system.slice/containerd.service",
        "/user.slice/user-1000.slice/session-3.scope",
        // The runtimes' helpers, and a pod.
        "/machine.slice/libpod-conmon-\(a).scope", "/kubepods.slice/kubepods-\(podSlice)/crio-conmon-\(a).scope",
        "/lxc.monitor.web", "/lxc.monitor/101", "/libpod_parent/\(a)", "/system.slice/nginx.service/runtime",
        "/machine.slice/systemd-nspawn@x.service/supervisor",
        // A virtual machine.
        "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
        // Not quite a form.
        "/system.slice/docker-\(a.dropLast()).scope", "/system.slice/docker-\(a)0.scope", "/system.slice/docker-\(a)",
        "/system.slice/docker-\(a.uppercased()).scope", "/docker/\(a)x", "/docker/\(a.dropLast())g",
        "/system.slice/xdocker-\(a).scope", "/system.slice/docker-\(a).scope.d", "/system.slice/docker-.scope",
        "/system.slice/docker-\(a).service", "/system.slice:docker:\(a):x", "/system.slice:unknown:\(a)",
        "/:docker:\(a)",
        "/a.slice/libpod-payload-\(a).scope", "/a.service/lxc/web", "/lxc.payload.", "/lxc", "/lxc/a b", "/lxc/..",
        "/machine.slice/machine-.scope", "/machine.slice/machine-a\\x2fb.scope", "/machine.slice/machine-a\\xzz.scope",
        "/machine.slice/systemd-nspawn@.service",
    ])
    func whatIsNoContainerIsNone(path: String) {
        #expect(group(path).container == nil)
    }

    @Test(
        arguments: [
            ("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-\(podSlice)/cri-containerd-\(a).scope", pod),
            ("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-\(podSlice)", pod),
            ("/kubepods.slice/kubepods-\(podSlice)/crio-conmon-\(a).scope", pod),
            ("/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-\(podSlice)", pod),
            ("/system.slice/containerd.service/kubepods-besteffort-\(podSlice):cri-containerd:\(a)", pod),
            ("/kubepods/burstable/pod\(pod)/\(a)", pod), ("/kubepods/pod\(pod)", pod),
            ("/kubepods/pod09bc3d7ade839efec32b6bec4ec79d09/\(a)", "09bc3d7ade839efec32b6bec4ec79d09"),
            ("/kubepods.slice/kubepods-pod09bc3d7ade839efec32b6bec4ec79d09.slice", "09bc3d7ade839efec32b6bec4ec79d09"),
            ("/kubepods/burstable/pod1234/\(a)", nil), ("/burstable/pod\(pod)/\(a)", nil),
            ("/kubepods.slice/kubepods-pod72f7f152-440c-66ac-9084-e0fc1d8a910c.slice", nil),
            ("/kubepods/pod72f7f152_440c_66ac_9084_e0fc1d8a910c", nil),
            ("/a.slice/a-\(podSlice)", nil), ("/kubepods.slice/kubepods-pod.slice", nil), ("/docker/\(a)", nil),
        ] as [(String, String?)])
    func thePodIsTakenFromEitherDriversForm(path: String, uid: String?) {
        #expect(group(path).podUID == uid)
    }
}

@Suite struct HostilePathTests {
    @Test func namesOfAnyBytesAreTakenAsTheyAre() {
        let names: [[UInt8]] = [
            [0xff, 0xfe, 0x0a, 0x1b], Array("docker-\n.scope".utf8), [0xc3], Array("a b\u{202e}.service".utf8),
            Array("\\x.service".utf8) + [0xff], Array("\\".utf8), Array("_.slice".utf8), Array(":::".utf8),
            Array("machine-\\x2.scope".utf8), Array("machine-\\.scope".utf8), Array("machine-\\xff.scope".utf8),
            Array("user@99999999999.service".utf8), Array("user@-1.service".utf8), Array("pod:".utf8), Array(".".utf8),
        ]
        for name in names {
            for front in ["/", "/system.slice/", "/kubepods/", "/user@1.service/", "/lxc/", ""] {
                let path = Array(front.utf8) + name
                let group = ControlGroup(id: 9, parsing: path + Array("/x".utf8))
                #expect(group.path == path + Array("/x".utf8) && group.container == nil && group.podUID == nil)
            }
        }
    }

    @Test func aVeryLongOrDeepPathSaysNothing() {
        #expect(group("/" + String(repeating: "a", count: 1 << 20) + ".service").unit == nil)
        #expect(group("/lxc/" + String(repeating: "a", count: 256)).container == nil)
        #expect(group(String(repeating: "/x", count: 100_000)).container == nil)
        #expect(group(String(repeating: "/", count: 100_000) + "a.service").unit == "a.service")
    }
}
