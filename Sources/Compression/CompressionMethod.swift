/// How a file is compressed.
public enum CompressionMethod: String, Sendable, Hashable, CaseIterable {
    /// RFC 8878: several times faster than gzip, and smaller.
    case zstd
    /// RFC 1952: what everything reads.
    case gzip

    /// What a compressed file's name ends with, without the dot.
    public var fileExtension: String {
        switch self {
        case .zstd: "zst"
        case .gzip: "gz"
        }
    }

    /// The method that a file's name tells of; nil: it is not compressed.
    public init?(fileName: String) {
        guard let method = Self.allCases.first(where: { fileName.hasSuffix(".\($0.fileExtension)") }) else {
            return nil
        }
        self = method
    }
}
