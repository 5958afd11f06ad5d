public import Model

/// What is known of a caller beside its calls.
public struct CallerTraits: Hashable, Sendable {
    /// The executable's path; nil: not known.
    public var executable: String?
    /// SHA-256 of the executable, hexadecimal; nil: not known.
    public var sha256: String?
    /// The package that it came with; nil: none, or not known.
    public var package: String?
    /// Whether it belongs to a package; nil: not known.
    public var isPackaged: Bool?
    /// Whether it is as the package brought it; nil: not known.
    public var isUnchanged: Bool?
    /// The unit that it runs in; nil: none, or not known.
    public var unit: String?
    /// Whether the unit is known to be one of the system's manager: others are called what their user likes.
    public var isUnitOfSystem = false
    /// Whether the executable's path may lead to another file on the machine: it is a container's, or somebody's who has
    /// mounts of their own.
    public var isPathElsewhere = false
    /// The container that it runs in; nil: none, or not known.
    public var container: String?
    /// The script that it runs, or that started it; nil: none, or not known.
    public var script: String?
    /// What is worth a second look about it.
    public var flags: ProcessFlags = []

    /// Knows nothing.
    public init() {}
}

extension CallerTraits {
    /// Programs that do what they are told, by name: that a package brought them says nothing about what they do.
    static let servants: Set<String> = [
        "bash", "busybox", "cmd.exe", "cscript.exe", "curl", "dash", "java", "lua", "mshta.exe", "nc", "ncat", "netcat",
        "node", "openssl", "perl", "php", "powershell.exe", "pwsh", "python", "python2", "ruby", "rundll32.exe", "sh",
        "socat", "ssh", "telnet", "wget", "wscript.exe", "zsh",
    ]

    /// Whether it is a shell, an interpreter or a client for any server.
    var isServant: Bool {
        guard let name = executable?.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last?.lowercased() else {
            return false
        }
        return Self.servants.contains(name) || name.hasPrefix("python3") || name.hasPrefix("perl5")
            || name.hasPrefix("lua5") || name.hasPrefix("php8")
    }
}
