public import Model

/// Callers and destinations that are known to be good, each with the reason.
///
/// What it names is lowered, never hidden.
public struct AllowList: Sendable {
    /// What an entry names.
    public enum Subject: Hashable, Sendable {
        /// An executable by its path on the machine; a last `*` stands for any end.
        case executable(String)
        /// An executable by its SHA-256, hexadecimal.
        case hash(String)
        /// A package, of a file that is as the package brought it.
        case package(String)
        /// A unit of the system's service manager, not of a user's or a container's.
        case unit(String)
        /// A domain; a first `*.` stands for any below it.
        case domain(String)
        /// A block of addresses.
        case block(AddressPrefix)
    }

    /// One entry.
    public struct Entry: Hashable, Sendable {
        /// What it names.
        public var subject: Subject
        /// Why that is good.
        public var reason: String

        /// Makes an entry.
        public init(_ subject: Subject, reason: String) {
            self.subject = subject
            self.reason = reason
        }
    }

    /// All entries; the first that fits counts.
    public var entries: [Entry]

    /// Makes a list.
    public init(_ entries: [Entry]) { self.entries = entries }

    /// Takes this much off a score: no rhythm stays above the threshold.
    static let change = -0.6

    /// The modifier of the first entry that fits.
    ///
    /// - Parameter addresses: of the destination, as far as they are known.
    func modifier(caller: Caller, traits: CallerTraits, destination: Destination) -> Modifier? {
        for entry in entries {
            let fits =
                switch entry.subject {
                case .executable(let path): !traits.isPathElsewhere && Self.fits(traits.executable, path)
                case .hash(let hash): !hash.isEmpty && (traits.sha256 ?? caller.hash).lowercased() == hash.lowercased()
                case .package(let name): traits.package == name && traits.isUnchanged == true
                case .unit(let unit): traits.isUnitOfSystem && traits.unit == unit
                case .domain(let pattern): destination.domain.map { Self.isDomain($0, pattern) } ?? false
                case .block(let block): destination.address.map(block.contains) ?? false
                }
            if fits { return Modifier("allowed", Self.change, entry.reason) }
        }
        return nil
    }

    private static func fits(_ path: String?, _ pattern: String) -> Bool {
        guard let path else { return false }
        return pattern.hasSuffix("*") ? path.hasPrefix(pattern.dropLast()) : path == pattern
    }

    private static func isDomain(_ domain: String, _ pattern: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return domain == pattern }
        return domain == pattern.dropFirst(2) || domain.hasSuffix(pattern.dropFirst(1))
    }
}
