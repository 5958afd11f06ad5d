internal import BPF
internal import CLinux
internal import Capture
internal import Glibc

/// Finds out what this machine offers, by trying; leaves nothing behind.
///
/// What is tried is attached for an instant, as a trace is. Takes a second, on a slow machine many.
public struct Examiner {
    private let version: String
    let files = SystemFiles()

    /// Makes an examiner.
    ///
    /// - Parameter version: tattle's version, for the report.
    public init(version: String) { self.version = version }

    /// Looks at everything that this process may look at.
    public func examine() -> Examination {
        let release = files.text("/proc/sys/kernel/osrelease") ?? uname { $0.release }
        let system = files.system(version: KernelVersion(release), cgroupMount: CgroupRoot.mountPoint())
        var examination = Examination(
            version: version, kernelRelease: release, architecture: uname { $0.machine },
            operatingSystem: files.operatingSystem(), system: system)
        examination.capabilities = capabilities()
        let mayTry = !examination.lacksCapabilities
        let types: Result<KernelTypes, BPFError> = Result { () throws(BPFError) in try KernelTypes() }
        // Before anything is tried, so that what is tried is not among them.
        let programs = try? types.get().programs()
        examination.features = features(types, mayTry: mayTry)
        examination.hookSets = HookSet.allCases.map { trial(of: $0, mayTry: mayTry) }
        examination.hooks = hooks(types: try? types.get(), examination)
        if let types = try? types.get(), let version = KernelVersion(release) {
            examination.signatures = signatures(types, version)
        }
        examination.others = programs.map { others(among: $0, hooks: examination.hooks) }
        return examination
    }

    private func uname<Field>(_ field: (utsname) -> Field) -> String {
        var name = utsname()
        unsafe Glibc.uname(&name)
        // Each field of utsname is a NUL-terminated array.
        return unsafe withUnsafeBytes(of: field(name)) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private func capabilities() -> [Examination.CapabilityState] {
        var bits: UInt64 = 0
        // Writes one number; 0 stays where it fails.
        _ = unsafe tattle_effective_capabilities(&bits)
        return RequiredCapabilities.all.map { need in
            Examination.CapabilityState(
                name: need.name, isHeld: RequiredCapabilities.isHeld(need, inEffective: bits),
                isRequired: need.isRequired, purpose: need.purpose, loss: need.loss)
        }
    }

    private func trial(of hookSet: HookSet, mayTry: Bool) -> Examination.HookSetTrial {
        guard mayTry else {
            return .init(hookSet: hookSet, state: .unknown, reason: "not tried: capabilities are missing")
        }
        do throws(CaptureError) {
            let (attached, blindSpots) = try hookSet.attempt()
            return .init(hookSet: hookSet, state: .available, blindSpots: blindSpots, attached: attached)
        } catch {
            guard case .noHookSet(let refused) = error, let reason = refused.first?.reason else {
                return .init(hookSet: hookSet, state: .unavailable, reason: error.description)
            }
            return .init(hookSet: hookSet, state: .unavailable, reason: reason)
        }
    }

    private func signatures(_ types: KernelTypes, _ version: KernelVersion) -> [Signature] {
        PrototypeTable(lines: HookSet.prototypeLines).compare(
            with: SignatureSource(
                version: version, function: types.prototype(ofFunction:),
                tracepoint: types.prototype(ofTracepoint:), meaning: types.meaning(ofTypedef:),
                isLoaded: { files.isReadable("/sys/module/\($0)") }, hasModules: files.isReadable("/proc/modules")))
    }

    /// Those at our hooks, and those whose hook the kernel does not tell though it may be one of ours.
    private func others(
        among programs: [LoadedProgram], hooks: [Examination.HookState]
    ) -> [Examination.OtherProgram] {
        let targets = Set(hooks.map(\.target))
        return programs.compactMap { program in
            let shared = program.hooks.filter { targets.contains(Self.target(of: $0)) }
            let mayBeShared = program.hooks.isEmpty && ["kprobe", "tracing", "tracepoint"].contains(program.type)
            guard !shared.isEmpty || mayBeShared else { return nil }
            return .init(
                id: program.id, name: program.name, type: program.type, hooks: program.hooks, shared: shared)
        }
    }

    /// The function, tracepoint or cgroup hook of a section.
    private static func target(of section: String) -> String {
        section.hasPrefix("cgroup/") ? section : String(section.split(separator: "/").last ?? "")
    }
}

extension KernelTypes {
    /// Every program in the kernel, with those of the root cgroup.
    fileprivate func programs() throws(BPFError) -> [LoadedProgram] {
        let cgroup = CgroupRoot.open()
        defer { if let cgroup { close(cgroup) } }
        return try LoadedProgram.all(types: self, cgroup: cgroup)
    }
}
