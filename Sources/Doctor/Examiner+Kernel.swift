internal import BPF
internal import Capture

extension Examiner {
    /// What the kernel offers, each found out by trying.
    func features(_ types: Result<KernelTypes, BPFError>, mayTry: Bool) -> [Examination.Feature] {
        var features = [btf(types)]
        features.append(
            attempt(
                mayTry, key: "ring_buffer", title: "ring buffer", purpose: "records, in the order of events",
                RingBuffer.attempt))
        for (mechanism, key, title, purpose) in Self.mechanisms {
            features.append(attempt(mayTry, key: key, title: title, purpose: purpose, mechanism.attempt))
        }
        if let types = try? types.get() {
            let isThere = !types.functions(among: [HookSet.uninterruptedFunction]).isEmpty
            features.append(
                .init(
                    key: "uninterrupted", title: "uninterrupted programs", state: isThere ? .available : .unavailable,
                    detail: isThere ? nil : "no \(HookSet.uninterruptedFunction)() (Linux 6.13)",
                    purpose: "programs that nothing skips"))
        }
        return features
    }

    private static let mechanisms: [(mechanism: Mechanism, key: String, title: String, purpose: String)] = [
        (.fentry, "fentry", "trampolines, fentry", "hook set trampoline"),
        (.fexit, "fexit", "trampolines, fexit", "hook set trampoline"),
        (.kprobe, "kprobe", "kprobes", "hook set kprobe"),
        (.kretprobe, "kretprobe", "kretprobes", "hook set kprobe"),
        (.rawTracepoint, "raw_tracepoint", "raw tracepoints", "every hook set"),
        (.tracepoint, "tracepoint", "perf tracepoints", "stand-ins where programs are skipped"),
        (.cgroupConnect4, "cgroup_connect4", "cgroup connect4", "hook set tracepoint"),
        (.cgroupConnect6, "cgroup_connect6", "cgroup connect6", "hook set tracepoint"),
        (.cgroupSendmsg4, "cgroup_sendmsg4", "cgroup sendmsg4", "hook set tracepoint"),
        (.cgroupSendmsg6, "cgroup_sendmsg6", "cgroup sendmsg6", "hook set tracepoint"),
        (.cgroupSockRelease, "cgroup_sock_release", "cgroup sock_release", "hook set tracepoint"),
    ]

    private func btf(_ types: Result<KernelTypes, BPFError>) -> Examination.Feature {
        let purpose = "every hook set"
        switch types {
        case .success:
            return .init(
                key: "btf", title: "BTF", state: .available, detail: "/sys/kernel/btf/vmlinux", purpose: purpose)
        case .failure(let error):
            return .init(key: "btf", title: "BTF", state: .unavailable, detail: error.reason, purpose: purpose)
        }
    }

    private func attempt(
        _ mayTry: Bool, key: String, title: String, purpose: String, _ body: () throws(BPFError) -> Void
    ) -> Examination.Feature {
        guard mayTry else {
            return .init(
                key: key, title: title, state: .unknown, detail: "not tried: capabilities are missing",
                purpose: purpose)
        }
        do throws(BPFError) {
            try body()
            return .init(key: key, title: title, state: .available, detail: nil, purpose: purpose)
        } catch {
            return .init(key: key, title: title, state: .unavailable, detail: error.description, purpose: purpose)
        }
    }

    /// Every place that a hook set uses, and whether it is there: it was attached to, or BTF or a trial knows of it.
    func hooks(types: KernelTypes?, _ examination: Examination) -> [Examination.HookState] {
        let attached = Set(examination.hookSets.flatMap(\.attached))
        var states: [String: Examination.HookState] = [:]
        for hookSet in HookSet.allCases {
            for hook in (try? hookSet.hooks()) ?? [] {
                var state =
                    states[hook.section]
                    ?? .init(
                        section: hook.section, target: hook.target, hookSets: [],
                        state: attached.contains(hook.section) ? .available : presence(of: hook, types, examination),
                        isRequired: false, purpose: HookPurpose.text(of: hook.target))
                state.hookSets.append(hookSet)
                state.isRequired = state.isRequired || hook.isRequired
                state.purpose = state.purpose ?? hook.blindSpot.map { "without it unseen: \($0)" }
                states[hook.section] = state
            }
        }
        return states.values.sorted { ($0.target, $0.section) < ($1.target, $1.section) }
    }

    private func presence(
        of hook: Hook, _ types: KernelTypes?, _ examination: Examination
    ) -> Examination.Availability {
        if hook.section.hasPrefix("cgroup/") {
            let mechanism = Self.mechanisms.first { $0.mechanism.section == hook.section }
            return examination.features.first { $0.key == mechanism?.key }?.state ?? .unknown
        }
        if hook.section.hasPrefix("tp/") {
            guard let tracefs = examination.system.tracefs else { return .unknown }
            let path = "\(tracefs)/events/\(hook.section.dropFirst("tp/".count))/id"
            return files.isReadable(path) ? .available : .unavailable
        }
        guard let types else { return .unknown }
        let isThere =
            hook.section.hasPrefix("raw_tp/")
            ? types.prototype(ofTracepoint: hook.target) != nil : types.prototype(ofFunction: hook.target) != nil
        return isThere ? .available : .unavailable
    }
}
