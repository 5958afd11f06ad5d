internal import BPF
internal import CProbes
internal import Glibc
public import Model

/// What to capture and how.
public struct CaptureOptions: Sendable {
    /// The hook set to use; nil: the best that the kernel allows.
    public var hookSet: HookSet?
    /// Size of the ring buffer in bytes: a power of two, at least a page.
    public var ringBytes: Int
    /// Which attempts are wanted; the kernel drops the others, as far as it can tell.
    public var filter: TraceFilter
    /// How long a UDP flow must be silent for its next datagram to be an attempt anew, nanoseconds.
    public var flowIdleNanoseconds: UInt64
    /// Names of environment variables that exec records carry; those past the eighth are not.
    public var variables: [String]

    /// Makes options.
    public init(
        hookSet: HookSet? = nil, ringBytes: Int = 8 << 20, filter: TraceFilter = TraceFilter(),
        flowIdleNanoseconds: UInt64 = 60_000_000_000, variables: [String] = []
    ) {
        self.variables = variables
        self.hookSet = hookSet
        self.ringBytes = ringBytes
        self.filter = filter
        self.flowIdleNanoseconds = flowIdleNanoseconds
    }
}

/// The kernel's side of a trace: loads and attaches one hook set and reads what it sends.
///
/// Lives on one thread. Everything is detached when it goes, or when the process is killed.
public final class Capture {
    /// The set in use.
    public let hookSet: HookSet
    /// Kernel functions, tracepoints and cgroup hooks in use.
    public private(set) var hooks: [String]
    /// Better sets that the kernel refused, in the order they were tried.
    public let refused: [(hookSet: HookSet, reason: String)]
    /// What cannot be seen here, one sentence each.
    public let blindSpots: [String]
    /// Programs of the set that this kernel lacks the function or the type for.
    package let missingPrograms: Set<String>
    /// Records that could not be decoded.
    public private(set) var undecodable: UInt64 = 0
    /// The most that was found waiting in the ring since ``takeRingHighWater()``, bytes.
    private var ringHighWater: UInt64 = 0

    /// What processes do may fill one in so many bytes of the ring before that wakes the reader.
    static let quietShare = 64

    let object: Object
    private let ring: RingBuffer
    /// Whether the ring has woken its reader: bpf/include/waking.h.
    private let isReaderWoken: SharedFlag
    let states: MappedArray<tattle_cpu_state>
    /// What makes values of the records that ``drainRecords(_:)`` hands over.
    public let decoder: Decoder
    /// What is attached once a module is loaded.
    private var lateHooks: LateHooks
    /// Records received, hooks of one CPU on end.
    private var received: [UInt64]

    /// Tries the hook sets from the best to the least, or only the one asked for, and attaches the first that works.
    ///
    /// - Throws: ``CaptureError``.
    public init(_ options: CaptureOptions) throws(CaptureError) {
        guard let types = try? KernelTypes() else { throw .noKernelTypes }
        var refused: [(hookSet: HookSet, reason: String)] = []
        for hookSet in options.hookSet.map({ [$0] }) ?? HookSet.allCases {
            do throws(BPFError) {
                let loaded = try Loader(hookSet: hookSet, options: options, types: types).load()
                let ring = try RingBuffer(loaded.object.map("ring"))
                let isReaderWoken = try SharedFlag(loaded.object.map("reader_wakings"))
                states = try MappedArray(
                    loaded.object.map("cpu_states"), count: possibleCPUCount(), of: tattle_cpu_state.self)
                received = [UInt64](repeating: 0, count: states.count * Int(TATTLE_HOOKS.rawValue))
                lateHooks = loaded.lateHooks
                decoder = Decoder(variables: options.variables)
                self.hookSet = hookSet
                self.hooks = loaded.hooks
                self.blindSpots = loaded.blindSpots
                self.missingPrograms = loaded.missingPrograms
                self.object = loaded.object
                self.ring = ring
                self.isReaderWoken = isReaderWoken
                self.refused = refused
                return
            } catch {
                refused.append((hookSet, Self.explain(error)))
            }
        }
        throw .noHookSet(refused)
    }

    /// What was refused, with the verifier's last word when it was the verifier.
    private static func explain(_ error: BPFError) -> String {
        // The verifier ends its log with its reason and then with "processed N insns".
        let end = error.log.lastIndex { $0.hasPrefix("processed ") }
        let verdict = end.flatMap { $0 > 0 ? error.log[$0 - 1] : nil }
        return verdict.map { "\(error.description) (\($0))" } ?? error.description
    }

    /// Becomes readable when there is something to ``drain(_:)``.
    ///
    /// Not for what processes do: that waits for an attempt, or until it fills ``quietShare`` of the ring.
    public var pollDescriptor: Int32 { ring.pollDescriptor }

    /// Hands over everything in the ring, in the order in which it happened; returns how many records.
    ///
    /// When it returns, the ring was empty, or ``pollDescriptor`` is readable.
    @discardableResult
    public func drain(_ body: (Observation) -> Void) -> Int {
        drainRecords { record in
            guard let observation = decoder.decode(record) else { return false }
            body(observation)
            return true
        }
    }

    /// Hands over every record in the ring, in the order in which it happened; returns how many.
    ///
    /// When it returns, the ring was empty, or ``pollDescriptor`` is readable. That a module is being loaded is not handed over:
    /// what is for it is attached before this returns.
    ///
    /// - Parameter body: gets a record for ``decoder``; returns whether that could make something of it.
    @discardableResult
    public func drainRecords(_ body: (borrowing RawSpan) -> Bool) -> Int {
        ringHighWater = max(ringHighWater, ring.waitingBytes)
        // A local while the ring is read: a stored property would be checked for exclusive access for each record.
        var received: [UInt64] = []
        swap(&received, &self.received)
        defer { swap(&received, &self.received) }
        var total = 0
        var modules: [ProtocolModule] = []
        while true {
            let count = ring.consume { record in
                if let reference = decoder.reference(of: record),
                    let place = place(cpu: Int(reference.cpu), hook: reference.hook)
                {
                    received[place] += 1
                    if UInt32(reference.hook) == TATTLE_HOOK_MODULE.rawValue, let module = decoder.module(in: record) {
                        return modules.append(module)
                    }
                }
                if !body(record) { undecodable += 1 }
            }
            total += count
            // Whatever comes from here on wakes the reader; what came before is seen here.
            isReaderWoken.clear()
            if count == 0 || total >= RingBuffer.batch || ring.waitingBytes == 0 { break }
        }
        if !modules.isEmpty { attachLateHooks(for: modules) }
        return total
    }

    /// Attaches what is for modules that the kernel has by now, should their record have been lost or attaching have failed.
    public func attachLateHooks() { attachLateHooks(for: ProtocolModule.allCases.filter(\.isThere)) }

    /// Where that fails, the attempts of the module are counted whose end nothing else sees.
    private func attachLateHooks(for modules: [ProtocolModule]) {
        for module in modules {
            guard let sections = try? lateHooks.attach(for: module, object) else { continue }
            hooks = Set(hooks + sections).sorted()
        }
    }

    /// How many records of a hook on a CPU came.
    func receivedCount(cpu: Int, hook: UInt8) -> UInt64 { place(cpu: cpu, hook: hook).map { received[$0] } ?? 0 }

    /// Where they are counted; nil: there is no such CPU or hook, so the record is not one of ours.
    private func place(cpu: Int, hook: UInt8) -> Int? {
        guard cpu < states.count, UInt32(hook) < TATTLE_HOOKS.rawValue else { return nil }
        return cpu * Int(TATTLE_HOOKS.rawValue) + Int(hook)
    }

    /// What waits in the ring now, bytes.
    public var ringFillBytes: UInt64 { ring.waitingBytes }

    /// The most that was found waiting in the ring, whenever it was read, since the last call, bytes.
    public func takeRingHighWater() -> UInt64 {
        defer { ringHighWater = 0 }
        return max(ringHighWater, ring.waitingBytes)
    }

    /// Wants the attempts of a process and of whatever it starts.
    public func follow(descendantsOf pid: UInt32) throws(CaptureError) {
        do throws(BPFError) {
            try object.map("followed").set(pid, to: UInt32(TATTLE_FOLLOW_DESCENDANTS.rawValue))
        } catch {
            throw .failed(error)
        }
    }

    /// Detaches every program.
    ///
    /// What is in the ring can still be drained, and losses be counted.
    public func stop() { object.detach() }
}
