/// How an attempt ended.
public enum Outcome: Hashable, Sendable {
    /// Not known yet.
    case pending
    /// TCP: the handshake was completed.
    case established
    /// UDP: the kernel took the datagram; whether anybody got it, nobody knows.
    case sent
    /// Closed from this side, by the program or by its exit, before an answer came.
    case aborted
    /// It failed with this errno.
    case failed(errno: Int32)
}

/// How the attempt was made, where that is not a plain system call.
public enum Via: Hashable, Sendable {
    /// connect, sendto, sendmsg, write …
    case syscall
    /// TCP Fast Open: connect() sent nothing, the SYN leaves with the first write.
    case fastOpen
    /// Multipath TCP.
    case mptcp
}

/// What on this machine stood in the way.
public enum Blocker: Hashable, Sendable {
    /// A Linux security module.
    case securityModule
    /// A BPF program on the cgroup.
    case cgroup
    /// There was no route, or one that forbids.
    case route
}
