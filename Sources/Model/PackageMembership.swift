/// Which package an executable came with.
public struct PackageMembership: Hashable, Sendable {
    /// The package's name without an architecture.
    public let name: String
    /// Its version as dpkg writes it; nil: dpkg has none, or the path has another file by now.
    public let version: String?
    /// Whether the file that ran is as the package brought it, by dpkg's MD5 checksum.
    ///
    /// Nil: dpkg keeps no checksum of it, it was not read, the path has another file by now, or dpkg was at work.
    public let isUnchanged: Bool?

    /// Makes a membership.
    public init(name: String, version: String?, isUnchanged: Bool?) {
        self.name = name
        self.version = version
        self.isUnchanged = isUnchanged
    }
}
