internal import BPF
internal import CProbes
public import Model

/// Records that never came, as far as the counters say, since the last look.
public struct CaptureLosses: Sendable {
    /// One for each (cause, hook) with something new.
    public struct Entry: Sendable {
        /// Why.
        public var cause: LossCause
        /// Which program, as in `connect_exit`; nil: several.
        public var hook: String?
        /// How many records.
        public var count: UInt64
        /// Of them: attempts that nothing else in the log tells of.
        public var attempts: UInt64
        /// Of them: exec, fork and exit records.
        public var processRecords: UInt64
    }

    /// What is new; empty: nothing was lost.
    public var entries: [Entry] = []
}

/// Compares what the kernel's counters say with what came, and remembers what it has told.
public struct LossMonitor {
    private var toldRingFull: [UInt64: [UInt64]] = [:]
    private var toldMapFull: UInt64 = 0
    private var toldUntoldFrames: UInt64 = 0
    private var toldUnseenEnds: UInt64 = 0
    private var toldRecursion: UInt64 = 0
    private var toldUndecodable: UInt64 = 0
    private var toldUnexplained: [UInt64: UInt64] = [:]
    private var skips = SkipWindow()

    /// Programs that see much and tell of next to none of it, so that being skipped says nothing: every system call, every
    /// dropped packet, every message, every socket that ends.
    private static let uncountedPrograms: Set<String> = [
        "on_syscall_exit", "on_drop", "on_security_send", "on_any_connect", "on_socket_free", "on_address_filter",
        "on_packet_filter", "on_message", "on_wake_up", "on_error_report",
        "on_ring_completion",
    ]

    /// Whether a program's being skipped is a loss that can be counted.
    ///
    /// A steady stand-in does the state's work whether it was skipped or not: how often they were skipped says nothing.
    /// A stand-in that is skipped is no loss where the program itself ran; where that was skipped too, it counts.
    private static func isCounted(_ program: String, isStateSteady: Bool) -> Bool {
        !uncountedPrograms.contains(program) && !Loader.isStandIn(program) && !(isStateSteady && program == "on_state")
    }

    /// Nothing told yet.
    public init() {}

    /// What was lost since the last call.
    ///
    /// - Parameters:
    ///   - now: CLOCK_BOOTTIME, nanoseconds.
    ///   - isFinal: the programs are detached and the ring is drained, so that a number that was
    ///     given out and did not come is lost; before that it may be on its way.
    public mutating func check(_ capture: Capture, now: UInt64, isFinal: Bool) -> CaptureLosses {
        var losses = CaptureLosses()
        // Before the stand-ins' counts: what is skipped in between looks made up for, not lost.
        let isStateSteady = capture.hooks.contains("tp/sock/inet_sock_set_state")
        let skipped = capture.object.recursionMisses { Self.isCounted($0, isStateSteady: isStateSteady) }
        let uncounted = [TATTLE_HOOK_SYSCALL_EXIT] + (isStateSteady ? [TATTLE_HOOK_STATE] : [])
        var mapFull: UInt64 = 0
        var untoldFrames: UInt64 = 0
        var unseenEnds: UInt64 = 0
        var standIns: UInt64 = 0
        var byHook: [UInt8: (lost: [UInt64], unexplained: UInt64)] = [:]
        for cpu in 0..<capture.states.count {
            mapFull += capture.states.load(at: cpu, offset: 0, as: UInt64.self)
            untoldFrames += capture.states.load(
                at: cpu, offset: MemoryLayout<tattle_cpu_state>.offset(of: \.untold_frames)!, as: UInt64.self)
            unseenEnds += capture.states.load(
                at: cpu, offset: MemoryLayout<tattle_cpu_state>.offset(of: \.unseen_ends)!, as: UInt64.self)
            for hook in 1..<UInt8(TATTLE_HOOKS.rawValue) {
                let key = UInt64(cpu) << 8 | UInt64(hook)
                let counters = HookCounters(states: capture.states, cpu: cpu, hook: hook)
                if !uncounted.contains(where: { UInt32(hook) == $0.rawValue }) { standIns += counters.standIns }
                guard counters.sequence > 0 else { continue }
                let new = zip(counters.lost, toldRingFull[key] ?? [UInt64](repeating: 0, count: counters.lost.count))
                    .map(-)
                toldRingFull[key] = counters.lost
                var entry = byHook[hook] ?? ([UInt64](repeating: 0, count: new.count), 0)
                entry.lost = zip(entry.lost, new).map(+)
                if isFinal {
                    let explained = counters.lost.reduce(0, +) + capture.receivedCount(cpu: cpu, hook: hook)
                    let missing = counters.sequence > explained ? counters.sequence - explained : 0
                    entry.unexplained += missing - min(missing, toldUnexplained[key, default: 0])
                    toldUnexplained[key] = missing
                }
                byHook[hook] = entry
            }
        }
        for (hook, entry) in byHook.sorted(by: { $0.key < $1.key }) {
            losses.add(.ringFull, hook: hook, lost: entry.lost)
            if entry.unexplained > 0 {
                losses.entries.append(
                    .init(
                        cause: .unexplained, hook: hookName(hook), count: entry.unexplained, attempts: 0,
                        processRecords: 0))
            }
        }
        losses.add(.mapFull, total: mapFull, told: &toldMapFull)
        losses.add(.skipped, total: unseenEnds, told: &toldUnseenEnds)
        losses.add(.packetRing, total: untoldFrames, told: &toldUntoldFrames)
        let unattended = skips.settled(skipped > standIns ? skipped - standIns : 0, now: now, isFinal: isFinal)
        losses.add(.recursion, total: unattended, told: &toldRecursion)
        losses.add(.undecodable, total: capture.undecodable, told: &toldUndecodable)
        return losses
    }
}

/// How many programs were skipped for good.
///
/// One that was skipped a moment ago may have a stand-in that is yet to run, of a thread that was preempted in
/// between: only what stays for a while counts.
private struct SkipWindow {
    private static let nanoseconds: UInt64 = 2_000_000_000
    private var start: UInt64 = 0
    private var least: UInt64 = 0
    private var last: UInt64 = 0

    /// The count as far as it is certain, given that it is `count` now.
    mutating func settled(_ count: UInt64, now: UInt64, isFinal: Bool) -> UInt64 {
        least = min(least, count)
        if now &- start >= Self.nanoseconds {
            last = least
            start = now
            least = count
        }
        return isFinal ? count : last
    }
}

extension CaptureLosses {
    fileprivate mutating func add(_ cause: LossCause, hook: UInt8, lost: [UInt64]) {
        let count = lost.reduce(0, +)
        guard count > 0 else { return }
        let of: (UInt32) -> UInt64 = { lost[Int($0)] }
        entries.append(
            Entry(
                cause: cause, hook: hookName(hook), count: count, attempts: of(TATTLE_RECORD_ATTEMPT.rawValue),
                processRecords: of(TATTLE_RECORD_EXEC.rawValue) + of(TATTLE_RECORD_FORK.rawValue)
                    + of(TATTLE_RECORD_EXIT.rawValue)))
    }

    fileprivate mutating func add(_ cause: LossCause, total: UInt64, told: inout UInt64) {
        guard total > told else { return }
        entries.append(Entry(cause: cause, hook: nil, count: total - told, attempts: 0, processRecords: 0))
        told = total
    }
}

/// The names of `enum tattle_hook`, in lower case.
private func hookName(_ hook: UInt8) -> String {
    let names = [
        "", "connect_entry", "connect_exit", "syn", "state", "lsm", "datagram_connect", "datagram_send4",
        "datagram_send6", "socket_end", "exec", "fork", "exit", "syscall_exit", "send_length", "cgroup",
        "socket_end6", "state_again", "test", "cgroup_made", "cgroup_removed", "raw_send4", "raw_send6", "ping_send4",
        "ping_send6", "packet_send", "page_send", "lsm_send", "other_connect", "socket_free", "wake_up", "drop",
        "associate", "other_send", "error_report", "packet_ring",
    ]
    return Int(hook) < names.count ? names[Int(hook)] : "hook_\(hook)"
}

/// The counters of one hook on one CPU.
private struct HookCounters {
    /// How many numbers it gave out.
    let sequence: UInt64
    /// How often a stand-in did its work.
    let standIns: UInt64
    /// What did not fit into the ring, by type of record; empty where nothing was written at all.
    let lost: [UInt64]

    /// Where the hooks' counters begin; all hooks stand on end.
    private static let start = MemoryLayout.offset(of: \tattle_cpu_state.hook) ?? 0

    /// Reads them where they are: all of a CPU's are 9 KiB, which nobody needs a copy of for each hook.
    init(states: MappedArray<tattle_cpu_state>, cpu: Int, hook: UInt8) {
        let start = Self.start + Int(hook) * MemoryLayout<tattle_hook_counters>.stride
        func number(_ index: Int) -> UInt64 { states.load(at: cpu, offset: start + index * 8, as: UInt64.self) }
        sequence = number(0)
        standIns = number(1)
        lost = sequence == 0 ? [] : (2..<2 + Int(TATTLE_RECORD_TYPES.rawValue)).map(number)
    }
}
