internal import Synchronization

/// A value behind a lock, for two owners.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    /// Puts `value` behind a lock.
    init(_ value: Value) { self.value = Mutex(value) }

    /// Calls `body` with the value, alone; `body` must not wait.
    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        value.withLock(body)
    }
}
