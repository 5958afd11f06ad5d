internal import BPF
internal import CProbes
internal import Glibc

/// A module of the kernel with a protocol that more has to be hooked for: `enum tattle_module_name`.
enum ProtocolModule: UInt32, CaseIterable {
    case sctp = 1
    case vsock = 2

    /// The kernel's name for it.
    private var name: String {
        switch self {
        case .sctp: "sctp"
        case .vsock: "vsock"
        }
    }

    /// Whether the kernel has it now, loaded or built in; a module that is being loaded counts.
    var isThere: Bool {
        // Reads a path that ends in NUL.
        unsafe access("/sys/module/\(name)", F_OK) == 0
    }

    /// The programs that are for it, but for their stand-ins.
    var programs: Set<String> {
        switch self {
        case .sctp: ["on_message_entry", "on_message", "on_wake_up"]
        case .vsock: ["on_wake_up", "on_error_report"]
        }
    }

    /// The programs' variable that says since when they are attached.
    fileprivate var variable: String { "\(name)_hooked_boot_ns" }
}

/// The programs that are attached only where one of the modules is there that they are for.
///
/// Every message and every TCP connection of the machine would come by them, and most machines have neither SCTP nor vsock.
/// bpf/include/modules.h says what becomes of attempts that begin before they are attached.
struct LateHooks {
    /// Every late program of the set, of all modules.
    static let programs = ProtocolModule.allCases.reduce(into: Set<String>()) { $0.formUnion($1.programs) }

    /// What is not attached yet, in the order in which it must be.
    private var programs: [String]
    /// Modules whose programs are not attached.
    private var modules = Set(ProtocolModule.allCases)

    /// Attaches nothing yet.
    ///
    /// - Parameter programs: the late ones of a set, in the order in which they must be attached.
    init(_ programs: [String]) {
        self.programs = programs
        if programs.isEmpty { modules = [] }
    }

    /// Attaches what is for a module, or what is left of it, until all of it is attached.
    ///
    /// - Returns: what it was attached to now.
    /// - Throws: ``BPFError``; the attempts of that module are then counted, where nothing else sees their end.
    mutating func attach(for module: ProtocolModule, _ object: Object) throws(BPFError) -> [String] {
        guard modules.contains(module) else { return [] }
        var sections: [String] = []
        for program in programs where module.programs.contains(Loader.principal(of: program)) {
            let section = try object.section(ofProgram: program)
            if section.hasPrefix("kretprobe/") {
                _ = try Loader.attachRoomily(object, program, section)
            } else {
                try object.attach(program: program)
            }
            // Now: where it failed for one module, another one's are not taken for whole.
            programs.removeAll { $0 == program }
            sections.append(section)
        }
        var now = timespec()
        // Fills `now`.
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        try object.setVariable(module.variable, to: UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec))
        modules.remove(module)
        return sections
    }
}
