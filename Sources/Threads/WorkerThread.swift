internal import Glibc

/// A detached thread that works for whoever started it.
public enum WorkerThread {
    /// What the thread runs.
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Starts it.
    ///
    /// It takes no signals: they are for the thread that reads them from its signalfd. SIGPIPE, which goes to the thread that
    /// writes, then stays pending here, and write returns EPIPE. Faults are left as they are.
    ///
    /// The corresponding C function is `pthread_create`.
    /// - Parameter name: at most 15 bytes; shown by ps(1) and the like.
    /// - Returns: 0 or an errno.
    public static func start(name: String, _ run: @escaping @Sendable () -> Void) -> Int32 {
        var thread = pthread_t()
        let body = Body {
            setName(name)
            blockSignals()
            run()
        }
        // The thread's own reference, released in it, or here when it does not come to be.
        let reference = unsafe Unmanaged.passRetained(body)
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                // What `start` retained.
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                body.run()
                return nil
            }, reference.toOpaque())
        if code != 0 {
            unsafe reference.release()
            return code
        }
        return pthread_detach(thread)
    }

    private static func setName(_ name: String) {
        // pthread_setname_np is not in Swift's Glibc; this file does the same.
        let descriptor = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        var bytes = Array(name.utf8)
        _ = unsafe bytes.withUnsafeMutableBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    private static func blockSignals() {
        var all = sigset_t()
        // `all` lives through the calls.
        unsafe sigfillset(&all)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP] { unsafe sigdelset(&all, fault) }
        unsafe pthread_sigmask(SIG_SETMASK, &all, nil)
    }
}
