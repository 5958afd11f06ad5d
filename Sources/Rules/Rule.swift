public import Model

/// One rule of the configuration.
public struct Rule: Sendable, Hashable {
    /// What it does with the records that it is for.
    public enum Action: Sendable, Hashable {
        /// They are written.
        case keep
        /// They are counted, and not written.
        case drop
        /// Repeats within so many nanoseconds after one that was written are written as one record.
        case aggregate(windowNanoseconds: UInt64)
        /// One in so many is written, at least 2.
        case sample(oneIn: UInt64)

        /// Its name.
        public var name: RuleAction {
            switch self {
            case .keep: .keep
            case .drop: .drop
            case .aggregate: .aggregate
            case .sample: .sample
            }
        }
    }

    /// Its name, unique among the rules.
    public var name: String
    /// What it does.
    public var action: Action
    /// For which records.
    public var conditions: Conditions

    /// Makes a rule.
    public init(name: String, action: Action, conditions: Conditions) {
        self.name = name
        self.action = action
        self.conditions = conditions
    }
}

/// The rules of a configuration, in the order in which they are asked: the first one that a record meets decides.
public struct RuleSet: Sendable, Hashable {
    /// Rules at the most: which of them a process meets is kept as one bit for each.
    public static let limit = 64
    /// Names of rules are so long at the most, bytes: all of them have to fit into a heartbeat.
    public static let longestName = 64

    /// The rules.
    public var rules: [Rule]
    /// Repeats of so many different things are collected at once, at the most.
    public var aggregateLimit: Int

    /// Makes a set.
    public init(_ rules: [Rule] = [], aggregateLimit: Int = 8192) {
        self.rules = rules
        self.aggregateLimit = aggregateLimit
    }
}
