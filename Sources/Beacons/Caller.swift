/// Who calls, whatever process id it has this time.
public struct Caller: Hashable, Sendable {
    /// What the identity is that of.
    public enum Kind: UInt8, Hashable, Sendable {
        /// An executable, by path and, where it is known, hash.
        case program
        /// A script, by path.
        case script
        /// A unit of the service manager.
        case unit
        /// A container.
        case container
        /// A host, where the log knows no processes.
        case host
        /// A user's session or another name that the log has.
        case name
    }

    /// What the identity is that of.
    public var kind: Kind
    /// A path, a name or an address; never empty but for ``anyone``.
    public var identity: String
    /// SHA-256 of the executable in hexadecimal, or as much of it as the log has; empty: not known.
    public var hash: String
    /// The host that it ran on; empty: not known, or the only one.
    public var host: String

    /// Makes a caller.
    public init(_ kind: Kind, _ identity: String, hash: String = "", host: String = "") {
        self.kind = kind
        self.identity = identity
        self.hash = hash
        self.host = host
    }

    /// Everybody: the key of a destination whoever calls it.
    public static let anyone = Caller(.name, "")

    /// How a person would call it: the last part of a path, else all of it.
    public var shortName: String {
        guard kind == .program || kind == .script else { return identity }
        let last = identity.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last
        return last.map(String.init) ?? identity
    }
}
