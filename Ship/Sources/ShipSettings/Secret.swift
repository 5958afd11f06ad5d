/// A password, a token, a key: never printed.
public struct Secret: Sendable, Equatable {
    /// What it is: for the request alone.
    public let revealed: String

    /// Keeps it.
    public init(_ revealed: String) { self.revealed = revealed }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Three stars.
    public var description: String { "***" }

    /// Three stars.
    public var debugDescription: String { "***" }

    /// No children: `dump` and the like show nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
