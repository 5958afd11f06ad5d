/// Why bytes could not be compressed or decompressed.
public enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no memory for the library's state.
    case outOfMemory
    /// The bytes are not of that format, or are damaged.
    case damaged
    /// The bytes end in the midst of what was compressed.
    case truncated

    /// What is wrong, as the end of a sentence that names the file.
    public var description: String {
        switch self {
        case .outOfMemory: "no memory for the compression"
        case .damaged: "the compressed bytes are damaged"
        case .truncated: "the compressed bytes end too early"
        }
    }
}
