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
///
/// It is asked every second while something happens: where no hook gave out a number since, nothing is looked at closer.
public struct LossMonitor {
    /// What each hook on each CPU had counted as of the last look, all hooks of a CPU on end; empty before the first.
    private var counted: [Counted] = []
    private var toldMapFull: UInt64 = 0
    private var toldUntoldFrames: UInt64 = 0
    private var toldUnseenEnds: UInt64 = 0
    private var toldRecursion: UInt64 = 0
    private var toldUndecodable: UInt64 = 0
    private var skips = SkipWindow()
    /// The programs whose being skipped counts; nil: not looked for yet.
    private var programs: [Int32]?

    private struct Counted {
        var sequence: UInt64 = 0
        /// What did not fit into the ring, by type of record; empty: nothing.
        var lost: [UInt64] = []
        /// What did not come, for all that is known.
        var unexplained: UInt64 = 0
    }

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
    ///   - isDue: whether everything is to be looked at, also what takes many system calls and what does not look changed.
    ///   - isFinal: the programs are detached and the ring is drained, so that a number that was
    ///     given out and did not come is lost; before that it may be on its way.
    public mutating func check(_ capture: Capture, now: UInt64, isDue: Bool, isFinal: Bool) -> CaptureLosses {
        var losses = CaptureLosses()
        let isSkipLook = isDue || isFinal || skips.isWorthALook(now: now)
        let skipped = isSkipLook ? skips.settled(skippedForGood(capture), now: now, isFinal: isFinal) : toldRecursion
        addRingLosses(capture, isDue: isDue, isFinal: isFinal, to: &losses)
        var mapFull: UInt64 = 0
        var untoldFrames: UInt64 = 0
        var unseenEnds: UInt64 = 0
        for cpu in 0..<capture.states.count {
            mapFull += capture.states.load(at: cpu, offset: 0, as: UInt64.self)
            untoldFrames += capture.states.load(
                at: cpu, offset: MemoryLayout<tattle_cpu_state>.offset(of: \.untold_frames)!, as: UInt64.self)
            unseenEnds += capture.states.load(
                at: cpu, offset: MemoryLayout<tattle_cpu_state>.offset(of: \.unseen_ends)!, as: UInt64.self)
        }
        losses.add(.mapFull, total: mapFull, told: &toldMapFull)
        losses.add(.skipped, total: unseenEnds, told: &toldUnseenEnds)
        losses.add(.packetRing, total: untoldFrames, told: &toldUntoldFrames)
        losses.add(.recursion, total: skipped, told: &toldRecursion)
        losses.add(.undecodable, total: capture.undecodable, told: &toldUndecodable)
        return losses
    }

    /// How often programs were skipped so far that no stand-in took over for.
    private mutating func skippedForGood(_ capture: Capture) -> UInt64 {
        let isStateSteady = capture.hooks.contains("tp/sock/inet_sock_set_state")
        let programs =
            programs ?? capture.object.programDescriptors { Self.isCounted($0, isStateSteady: isStateSteady) }
        self.programs = programs
        // Before the stand-ins' counts: what is skipped in between looks made up for, not lost.
        let skipped = Object.recursionMisses(of: programs)
        var standIns: UInt64 = 0
        for cpu in 0..<capture.states.count {
            for hook in 1..<UInt8(TATTLE_HOOKS.rawValue) {
                switch UInt32(hook) {
                case TATTLE_HOOK_SYSCALL_EXIT.rawValue: continue
                case TATTLE_HOOK_STATE.rawValue where isStateSteady: continue
                default: standIns += HookCounters(capture.states, cpu: cpu, hook: hook).standIns
                }
            }
        }
        return skipped > standIns ? skipped - standIns : 0
    }

    private mutating func addRingLosses(
        _ capture: Capture, isDue: Bool, isFinal: Bool, to losses: inout CaptureLosses
    ) {
        let hooks = Int(TATTLE_HOOKS.rawValue)
        if counted.isEmpty { counted = [Counted](repeating: Counted(), count: capture.states.count * hooks) }
        var byHook: [UInt8: (lost: [UInt64], unexplained: UInt64)] = [:]
        for cpu in 0..<capture.states.count {
            for hook in 1..<UInt8(hooks) {
                let place = cpu * hooks + Int(hook)
                let counters = HookCounters(capture.states, cpu: cpu, hook: hook)
                let sequence = counters.sequence
                // What is lost takes a number; the count of those that are lost may come a moment later.
                guard isDue || isFinal ? sequence > 0 : sequence != counted[place].sequence else { continue }
                counted[place].sequence = sequence
                let lost = counters.lost
                var entry = byHook[hook] ?? ([], 0)
                if lost.contains(where: { $0 > 0 }), lost != counted[place].lost {
                    let told = counted[place].lost
                    let new = lost.indices.map { lost[$0] - ($0 < told.count ? told[$0] : 0) }
                    entry.lost = entry.lost.isEmpty ? new : zip(entry.lost, new).map(+)
                    counted[place].lost = lost
                }
                if isFinal {
                    let explained = lost.reduce(0, +) + capture.receivedCount(cpu: cpu, hook: hook)
                    let missing = sequence > explained ? sequence - explained : 0
                    entry.unexplained += missing - min(missing, counted[place].unexplained)
                    counted[place].unexplained = missing
                }
                if !entry.lost.isEmpty || entry.unexplained > 0 { byHook[hook] = entry }
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
        "associate", "other_send", "error_report", "packet_ring", "module",
    ]
    return Int(hook) < names.count ? names[Int(hook)] : "hook_\(hook)"
}

/// The counters of one hook on one CPU, read where they are when they are asked for: most are not.
private struct HookCounters {
    private let states: MappedArray<tattle_cpu_state>
    private let cpu: Int
    private let start: Int

    /// Where the hooks' counters begin; all hooks stand on end.
    private static let start = MemoryLayout.offset(of: \tattle_cpu_state.hook) ?? 0

    init(_ states: MappedArray<tattle_cpu_state>, cpu: Int, hook: UInt8) {
        self.states = states
        self.cpu = cpu
        start = Self.start + Int(hook) * MemoryLayout<tattle_hook_counters>.stride
    }

    /// How many numbers it gave out.
    var sequence: UInt64 { number(0) }
    /// How often a stand-in did its work.
    var standIns: UInt64 { number(1) }
    /// What did not fit into the ring, by type of record.
    var lost: [UInt64] { (2..<2 + Int(TATTLE_RECORD_TYPES.rawValue)).map(number) }

    private func number(_ index: Int) -> UInt64 { states.load(at: cpu, offset: start + index * 8, as: UInt64.self) }
}
