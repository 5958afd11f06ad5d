import Glibc

/// A value behind a lock, and a condition to wait for.
///
/// The standard library has a mutex but nothing to wait on; these are POSIX's, in memory that
/// does not move.
@safe
final class Monitor<Value>: @unchecked Sendable {
    // Invariant: both are initialized from `init` to `deinit`; `value` is touched with the lock held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    /// Puts `value` behind a lock.
    init(_ value: sending Value) {
        self.value = value
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe precondition(pthread_mutex_init(mutex, nil) == 0)
        // Deadlines are of CLOCK_MONOTONIC: nobody sets it.
        var attributes = pthread_condattr_t()
        unsafe precondition(pthread_condattr_init(&attributes) == 0)
        unsafe precondition(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0)
        unsafe precondition(pthread_cond_init(condition, &attributes) == 0)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the value, alone.
    ///
    /// `body` must not wait and must not come here again.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock()
        defer { unlock() }
        return body(&value)
    }

    /// Waits until `condition` holds, and calls `body` under the same lock.
    func wait<Result>(until isReady: (Value) -> Bool, _ body: (inout Value) -> Result) -> Result {
        lock()
        defer { unlock() }
        while !isReady(value) { unsafe precondition(pthread_cond_wait(condition, mutex) == 0) }
        return body(&value)
    }

    /// Waits until `condition` holds or the deadline, nanoseconds of CLOCK_MONOTONIC, is over.
    /// - Returns: whether it held.
    func wait(until isReady: (Value) -> Bool, deadline: UInt64) -> Bool {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        lock()
        defer { unlock() }
        while !isReady(value) {
            // `time` lives through the call.
            if unsafe pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return isReady(value) }
        }
        return true
    }

    /// Wakes everybody who waits.
    func signal() {
        unsafe pthread_cond_broadcast(condition)
    }

    private func lock() {
        unsafe precondition(pthread_mutex_lock(mutex) == 0)
    }

    private func unlock() {
        unsafe precondition(pthread_mutex_unlock(mutex) == 0)
    }
}

/// Now, nanoseconds of CLOCK_MONOTONIC.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    // `time` lives through the call; this clock always exists.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
