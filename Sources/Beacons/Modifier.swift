/// What raises or lowers a score without having to do with rhythm: it tells what is bad from what is only periodic.
public struct Modifier: Hashable, Sendable {
    /// What it is called in records: lower case, words joined by `_`.
    public var name: String
    /// What it adds to the score, −0.6 to 0.3.
    public var change: Double
    /// Why, for a person.
    public var reason: String

    /// Makes a modifier.
    public init(_ name: String, _ change: Double, _ reason: String) {
        self.name = name
        self.change = change
        self.reason = reason
    }
}
