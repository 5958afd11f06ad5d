/// When what was written is made to outlive a power failure: fdatasync(2).
public enum Durability: String, Sendable, Hashable, CaseIterable {
    /// When the kernel gets to it.
    case never = "none"
    /// Every five seconds, and when a file is ended.
    case interval
    /// Before the next lines are written.
    case always
}
