internal import BPF
internal import CProbes
internal import Glibc
internal import Model

/// Loads and attaches one hook set, or throws and leaves nothing behind.
struct Loader {
    var hookSet: HookSet
    var options: CaptureOptions
    var types: KernelTypes
    /// Whether the kernel says why it drops a packet (5.17).
    private let hasDropReasons: Bool
    /// Where netfilter drops packets, of a kernel that does not say why; nil: not known.
    private let netfilter: Range<UInt64>?

    init(hookSet: HookSet, options: CaptureOptions, types: KernelTypes) {
        self.hookSet = hookSet
        self.options = options
        self.types = types
        hasDropReasons = !types.enumerations(among: ["skb_drop_reason"]).isEmpty
        netfilter = hasDropReasons ? nil : KernelText.netfilter()
    }

    /// What is running after ``load()``.
    struct Loaded {
        var object: Object
        var hooks: [String]
        var blindSpots: [String]
        var missingPrograms: Set<String>
        /// What is attached once a module is loaded.
        var lateHooks: LateHooks
    }

    func load() throws(BPFError) -> Loaded {
        // Without this the attaching would fail, after half a second of verifying.
        if hookSet == .kprobe { try KprobeEvents.check() }
        let present = presentNames()
        var (omitted, blindSpots) = missingPrograms(present)
        omitted.insert(present.contains(HookSet.loopFunction) ? "on_exec_unrolled" : "on_exec")
        let object: Object
        if present.contains(HookSet.uninterruptedFunction), let uninterrupted = try? open(true, omitting: omitted) {
            object = uninterrupted
        } else {
            object = try open(false, omitting: omitted)
        }
        let order = try attachOrder(object, omitting: omitted)
        let isLate = { (program: String) in LateHooks.programs.contains(Self.principal(of: program)) }
        var (hooks, crowdedOut) = try attach(object, order.filter { !isLate($0) })
        // Now, as it is told of modules that come. TCP is seen without.
        var lateHooks = LateHooks(order.filter(isLate))
        for module in ProtocolModule.allCases where module.isThere {
            if let sections = try? lateHooks.attach(for: module, object) {
                hooks += sections
            } else if !blindSpots.contains(BlindSpot.otherConnections) {
                blindSpots.append(BlindSpot.otherConnections)
            }
        }
        return Loaded(
            object: object, hooks: Set(hooks).sorted(),
            blindSpots: hookSet.inherentBlindSpots + cgroupBlindSpots + blindSpots + crowdedOut,
            missingPrograms: omitted, lateHooks: lateHooks)
    }

    /// In a container with a cgroup namespace of its own, what is mounted is the container's part.
    private var cgroupBlindSpots: [String] {
        guard hookSet == .tracepoint, let mountPoint = CgroupRoot.mountPoint(), !CgroupRoot.isWhole(mountPoint) else {
            return []
        }
        return ["whatever runs outside of the cgroup that is mounted here, a part of the hierarchy (--cgroupns=host)"]
    }

    /// Whether a program stands in for another: `on_syn_again`, `on_syn_last`, `on_state_steady`.
    static func isStandIn(_ program: String) -> Bool {
        program.hasSuffix("_again") || program.hasSuffix("_last") || isSteady(program)
    }

    /// Whether a program stands in where others are preempted, if tracefs is there to attach it.
    private static func isSteady(_ program: String) -> Bool { program.hasSuffix("_steady") }

    /// The program that one stands in for; others, itself.
    static func principal(of program: String) -> String {
        isStandIn(program) ? String(program[..<program.lastIndex(of: "_")!]) : program
    }

    /// Opens, configures and loads one build of the set.
    private func open(_ isUninterrupted: Bool, omitting omitted: Set<String>) throws(BPFError) -> Object {
        let embedded = unsafe hookSet.object(isUninterrupted: isUninterrupted)
        // Static data of this binary.
        let bytes = unsafe UnsafeRawBufferPointer(start: embedded.bytes, count: embedded.length)
        let object = unsafe try Object(bytes: bytes, name: "tattle")
        for name in unneeded(of: object, omitting: omitted) { try object.omit(program: name) }
        try configure(object, omitting: omitted)
        try object.load()
        try fillFilters(of: object)
        return object
    }

    /// The programs that are not loaded: those that lack their hook, and stand-ins where there are better ones.
    private func unneeded(of object: Object, omitting omitted: Set<String>) -> [String] {
        let programs = object.programs
        let steady = Set(programs.filter(Self.isSteady).map(Self.principal))
        return programs.filter { name in
            if omitted.contains(Self.principal(of: name)) { return true }
            guard Self.isStandIn(name), steady.contains(Self.principal(of: name)) else { return false }
            // libbpf looks for the numbers of perf's tracepoints there.
            return Self.isSteady(name) != (TraceFileSystem.root != nil)
        }
    }

    /// Which of the functions and tracepoints that may be missing the kernel has.
    private func presentNames() -> Set<String> {
        var functions = [HookSet.uninterruptedFunction, HookSet.loopFunction]
        var tracepoints: [String] = []
        for program in hookSet.optionalPrograms {
            switch program.needs {
            case .function(let name): functions.append(name)
            case .tracepoint(let name): tracepoints.append(name)
            case .dropReasons: break
            }
        }
        return types.functions(among: functions).union(types.tracepoints(among: tracepoints))
    }

    private func missingPrograms(_ present: Set<String>) -> (names: Set<String>, blindSpots: [String]) {
        let missing = hookSet.optionalPrograms.filter { program in
            switch program.needs {
            case .function(let name), .tracepoint(let name): !present.contains(name)
            case .dropReasons: !hasDropReasons && netfilter == nil
            }
        }
        let blindSpots = missing.compactMap(\.blindSpot)
        return (
            Set(missing.map(\.name)),
            blindSpots.enumerated().filter { !blindSpots[..<$0.offset].contains($0.element) }.map(\.element)
        )
    }

    private func configure(_ object: Object, omitting omitted: Set<String>) throws(BPFError) {
        if let netfilter {
            try object.setConstant("netfilter_begin", to: netfilter.lowerBound)
            try object.setConstant("netfilter_length", to: UInt64(netfilter.count))
        }
        try object.setCapacity(ofMap: "ring", to: UInt32(options.ringBytes))
        try object.setCapacity(ofMap: "cpu_states", to: UInt32(possibleCPUCount()))
        try object.setCapacity(ofMap: "scratches", to: UInt32(possibleCPUCount()))
        let variables = Self.variables(options.variables)
        try object.setConstant("variable_names", to: variables.names)
        try object.setConstant("variable_masks", to: variables.masks)
        try object.setConstant("quiet_bytes", to: UInt64(options.ringBytes / Capture.quietShare))
        try object.setConstant("filter_mask", to: mask)
        try object.setConstant("flow_idle_ns", to: options.flowIdleNanoseconds)
        try object.setConstant("has_casts", to: !types.functions(among: [HookSet.castFunction]).isEmpty)
        switch hookSet {
        case .tracepoint:
            try object.setConstant("has_send_length", to: !omitted.contains("on_send_length"))
            let completion = types.prototype(ofTracepoint: "io_uring_complete")
            try object.setConstant("has_completion_entry", to: completion?.contains("io_uring_cqe") ?? false)
        case .trampoline:
            try object.setConstant("has_page_send", to: !omitted.contains("on_page_send"))
        case .kprobe: try object.setConstant("has_page_send", to: !omitted.contains("on_page_send"))
        }
    }

    /// The first eight bytes of each `NAME=`, and a mask of those that it has.
    private static func variables(_ names: [String]) -> (names: Variables, masks: Variables) {
        var result = (names: Variables(repeating: 0), masks: Variables(repeating: 0))
        for (index, name) in names.prefix(Variables.count).enumerated() {
            for (position, byte) in "\(name)=".utf8.prefix(8).enumerated() {
                result.names[index] |= UInt64(byte) << UInt64(8 * position)
                result.masks[index] |= 0xff << UInt64(8 * position)
            }
        }
        return result
    }

    private typealias Variables = InlineArray<8, UInt64>

    /// `enum tattle_filter`.
    private var mask: UInt32 {
        let filter = options.filter
        var mask: UInt32 = 0
        if !filter.pids.isEmpty || filter.isCommandOnly { mask |= TATTLE_FILTER_PID.rawValue }
        if !filter.names.isEmpty { mask |= TATTLE_FILTER_COMM.rawValue }
        if !filter.userIDs.isEmpty { mask |= TATTLE_FILTER_USER.rawValue }
        if filter.transports == [.tcp] { mask |= TATTLE_FILTER_TCP_ONLY.rawValue }
        if filter.transports == [.udp] { mask |= TATTLE_FILTER_UDP_ONLY.rawValue }
        if !filter.to.isEmpty { mask |= TATTLE_FILTER_TO.rawValue }
        if !filter.notTo.isEmpty { mask |= TATTLE_FILTER_NOT_TO.rawValue }
        if !filter.ports.isEmpty { mask |= TATTLE_FILTER_PORT.rawValue }
        return mask
    }

    private func fillFilters(of object: Object) throws(BPFError) {
        let filter = options.filter
        let one: UInt32 = 1
        for pid in filter.pids { try object.map("followed").set(pid, to: TATTLE_FOLLOW_PROCESS.rawValue) }
        for name in filter.names {
            let name = ThreadName(name.utf8)
            try object.map("filter_comms").set((name.low.littleEndian, name.high.littleEndian), to: one)
        }
        for user in filter.userIDs { try object.map("filter_users").set(user, to: one) }
        for port in filter.ports { try object.map("filter_ports").set(UInt32(port), to: one) }
        for prefix in filter.to { try object.map("filter_to").set(Self.key(prefix), to: one) }
        for prefix in filter.notTo { try object.map("filter_not_to").set(Self.key(prefix), to: one) }
    }

    private static func key(_ prefix: AddressPrefix) -> tattle_prefix {
        var key = tattle_prefix()
        key.length = UInt32(prefix.mappedLength)
        let (high, low) = prefix.address.mapped
        unsafe withUnsafeMutableBytes(of: &key.address) { bytes in
            // Sixteen bytes: two numbers.
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return key
    }

    /// Every program in the order in which they are attached.
    ///
    /// Processes first, so that nobody attempts anything before it is known. A program must run before its stand-ins:
    /// tracepoints run what was attached first first (kernel/tracepoint.c func_add()), trampolines what was attached
    /// last (kernel/bpf/trampoline.c __bpf_trampoline_link_prog()).
    private func attachOrder(_ object: Object, omitting omitted: Set<String>) throws(BPFError) -> [String] {
        var trampolines: [String] = []
        var others: [String] = []
        let unneeded = Set(unneeded(of: object, omitting: omitted))
        for name in object.programs where !unneeded.contains(name) {
            let section = try object.section(ofProgram: name)
            if section.hasPrefix("fentry/") || section.hasPrefix("fexit/") {
                trampolines.append(name)
            } else {
                others.append(name)
            }
        }
        let first = ["on_exec", "on_exec_unrolled", "on_fork", "on_exit"]
        let processes = others.filter { first.contains(Self.principal(of: $0)) }
        let rest = others.filter { !processes.contains($0) }
        let steady = others.filter(Self.isSteady)
        return (processes + rest).filter { !steady.contains($0) } + steady + trampolines.reversed()
    }

    /// Attaches programs in the order given.
    ///
    /// - Returns: the sections, and what is not seen for want of tracefs.
    private func attach(
        _ object: Object, _ programs: [String]
    ) throws(BPFError) -> (hooks: [String], blindSpots: [String]) {
        var hooks: [String] = []
        var blindSpots: [String] = []
        var cgroup: Int32 = -1
        defer { if cgroup >= 0 { close(cgroup) } }
        for name in programs {
            let section = try object.section(ofProgram: name)
            if hookSet == .tracepoint, HookSet.cgroupPrograms.contains(name) {
                if cgroup < 0 {
                    cgroup = try CgroupRoot.openOrExplain()
                }
                try object.attach(program: name, toCgroup: cgroup)
            } else if Self.isSteady(name) {
                // A kernel may lack that event, or perf be forbidden: the hook's program is there all the same.
                guard (try? object.attach(program: name)) != nil else { continue }
            } else if hookSet == .kprobe, HookSet.waitingPrograms.contains(name) {
                if !(try Self.attachRoomily(object, name, section)) { blindSpots = [BlindSpot.crowds] }
            } else {
                try object.attach(program: name)
            }
            if !hooks.contains(section) { hooks.append(section) }
        }
        return (hooks, blindSpots)
    }

    /// Attaches a kretprobe's program where many calls may wait at once; false: where few may.
    static func attachRoomily(_ object: Object, _ name: String, _ section: String) throws(BPFError) -> Bool {
        let function = String(section.drop { $0 != "/" }.dropFirst())
        if (try? object.attach(program: name, toReturnsOf: function)) != nil { return true }
        try object.attach(program: name)
        return false
    }
}
