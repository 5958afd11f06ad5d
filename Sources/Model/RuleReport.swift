/// What a rule of the configuration does with the records that it is for.
public enum RuleAction: String, Sendable, Hashable, CaseIterable {
    /// They are written.
    case keep
    /// They are counted, and not written.
    case drop
    /// Repeats of one are written as one record.
    case aggregate
    /// One of so many is written.
    case sample
}

/// What one rule came to so far.
public struct RuleCount: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What it does.
    public var action: RuleAction
    /// Records that it was for: it was the first rule whose conditions all held.
    public var matched: UInt64
    /// Of them: those that are no line of their own.
    public var withheld: UInt64
    /// Of those: attempts.
    public var withheldAttempts: UInt64
    /// Records that were written for those withheld: ``TraceEvent/aggregated(_:)``.
    public var summaries: UInt64

    /// Makes a count.
    public init(
        name: String, action: RuleAction, matched: UInt64 = 0, withheld: UInt64 = 0, withheldAttempts: UInt64 = 0,
        summaries: UInt64 = 0
    ) {
        self.name = name
        self.action = action
        self.matched = matched
        self.withheld = withheld
        self.withheldAttempts = withheldAttempts
        self.summaries = summaries
    }
}

/// The configuration that a run goes by.
public struct ConfigurationSource: Sendable, Hashable {
    /// The file that it was read from.
    public var path: String
    /// SHA-256 of what was in it, 32 bytes.
    public var sha256: [UInt8]
    /// How many rules it has.
    public var ruleCount: Int
    /// Their names, in the order in which they are asked.
    public var ruleNames: [String]

    /// Makes a source.
    public init(path: String, sha256: [UInt8], ruleCount: Int, ruleNames: [String]) {
        self.path = path
        self.sha256 = sha256
        self.ruleCount = ruleCount
        self.ruleNames = ruleNames
    }
}
