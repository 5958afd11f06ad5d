/// How an attempt ended.
public enum Outcome: Hashable, Sendable {
    /// Not known yet.
    case pending
    /// TCP: the handshake was completed.
    case established
    /// Datagrams: the kernel took the datagram; whether anybody got it, nobody knows.
    case sent
    /// Closed from this side, by the program or by its exit, before an answer came.
    case aborted
    /// It failed with this errno.
    case failed(errno: Int32)
}

/// How the attempt was made; of several that apply, the first.
public enum Via: Hashable, Sendable {
    /// TCP Fast Open (RFC 7413): connected by a send, or told to wait for the first write.
    case fastOpen
    /// Multipath TCP.
    case mptcp
    /// A packet socket: the program wrote the frame.
    case packet
    /// A raw IP socket.
    case raw
    /// io_uring, by its thread or its workers.
    case ioUring
    /// One of several messages of a sendmmsg().
    case sendmmsg
    /// splice, tee, vmsplice or sendfile.
    case splice
    /// A kernel thread for the kernel itself.
    case kernel
    /// connect, sendto, sendmsg, write …
    case syscall
}

/// What on this machine stood in the way.
public enum Blocker: Hashable, Sendable {
    /// A Linux security module.
    case securityModule
    /// A BPF program on the cgroup.
    case cgroup
    /// The packet filter: nftables, iptables.
    case netfilter
    /// There was no route, or one that forbids.
    case route
}
