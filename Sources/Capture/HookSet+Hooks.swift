package import BPF
internal import CProbes

/// One place in the kernel where a hook set has a program.
package struct Hook: Hashable, Sendable {
    /// The program's section, as in "fexit/tcp_connect".
    package var section: String
    /// Whether the set cannot do without it.
    package var isRequired: Bool
    /// What is not seen without it; nil: not said.
    package var blindSpot: String?

    /// The kernel's function or tracepoint, or the cgroup hook with its "cgroup/".
    package var target: String {
        section.hasPrefix("cgroup/") ? section : String(section.split(separator: "/").last ?? "")
    }
}

extension HookSet {
    /// Every place that the set's programs hook, of both builds, sorted by section.
    ///
    /// A place that has stand-ins only is not required.
    ///
    /// - Throws: ``BPFError`` when the programs in this binary cannot be read.
    package func hooks() throws(BPFError) -> [Hook] {
        let optional = Dictionary(optionalPrograms.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var hooks: [String: Hook] = [:]
        for isUninterrupted in [false, true] {
            let embedded = unsafe object(isUninterrupted: isUninterrupted)
            // Static data of this binary.
            let bytes = unsafe UnsafeRawBufferPointer(start: embedded.bytes, count: embedded.length)
            let object = unsafe try Object(bytes: bytes, name: "tattle")
            for program in object.programs {
                let section = try object.section(ofProgram: program)
                let option = optional[program]
                var hook = hooks[section] ?? Hook(section: section, isRequired: false, blindSpot: nil)
                let isLate = LateHooks.programs.contains(program)
                hook.isRequired = hook.isRequired || (option == nil && !Loader.isStandIn(program) && !isLate)
                hook.blindSpot = hook.blindSpot ?? option?.blindSpot
                hooks[section] = hook
            }
        }
        return hooks.values.sorted { $0.section < $1.section }
    }

    /// Loads and attaches the set as a trace does, and takes it away again.
    ///
    /// - Returns: the sections that were attached, and what the set does not see here.
    /// - Throws: ``CaptureError``.
    package func attempt() throws(CaptureError) -> (hooks: [String], blindSpots: [String]) {
        // Detached when it goes.
        let capture = try Capture(CaptureOptions(hookSet: self))
        return (capture.hooks, capture.blindSpots)
    }

    /// Every `match-proto:` line of the programs' sources, as grep -n prints it.
    package static var prototypeLines: String {
        let embedded = unsafe tattle_prototypes()
        // Static data of this binary.
        return unsafe String(
            decoding: UnsafeBufferPointer(start: embedded.bytes, count: embedded.length), as: UTF8.self)
    }
}
