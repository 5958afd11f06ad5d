internal import Foundation

/// What a hook set cannot tell of some kinds of attempt, and why: named, so that it is neither hidden nor forgotten.
struct Limit {
    /// Where: hook sets, and kernels by version, as (major, minor) from and up to, exclusive.
    var hookSets: Set<String>
    var before: Version?
    /// Of which kinds, by the beginnings of their names.
    var kinds: [String]
    /// What is not right there.
    var facets: Set<Facet>
    /// Why.
    var reason: String

    /// The limits for a kind under a hook set of the running kernel.
    static func of(_ hookSet: String, _ kind: String) -> [Limit] {
        all.filter { limit in
            limit.hookSets.contains(hookSet) && limit.kinds.contains { kind.hasPrefix($0) }
                && (limit.before.map { Version.running < $0 } ?? true)
        }
    }

    private static let unseen: Set<Facet> = [.recorded, .once, .outcome, .destination, .via, .blocker, .process]

    private static let all = [
        Limit(
            hookSets: ["tracepoint"], kinds: ["udp4-lsm", "udp6-lsm"], facets: unseen,
            reason: "a send that a security module refuses comes by none of its hooks"),
        Limit(
            hookSets: ["tracepoint"], before: Version(6, 4),
            kinds: [
                "uring-udp4-", "uring-udp6-", "udp4-sendmmsg-many", "udp4-sendmmsg-second-offline", "udp4-splice",
                "udp6-splice", "kernel-udp", "udp4-tee", "udp4-vmsplice", "udp4-sendfile", "udp6-sendfile",
                "compat-udp",
            ],
            facets: unseen, reason: "only the return of plain system calls tells of a send before 6.4"),
        Limit(
            hookSets: ["tracepoint"], kinds: ["ping", "raw", "packet", "sctp", "dccp", "vsock"], facets: unseen,
            reason: "no cgroup hook and no tracepoint at these sockets"),
        Limit(
            hookSets: ["tracepoint"], before: Version(5, 17), kinds: ["tcp4-cgroup-egress", "tcp6-cgroup-egress"],
            facets: [.blocker],
            reason: "before 5.17 only the place of a drop is known, and a cgroup program's are where others are too"),
    ]
}

/// A kernel's version.
struct Version: Comparable {
    var major: Int
    var minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    static func < (left: Version, right: Version) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    /// The running kernel's.
    static let running: Version = {
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let numbers = release.split { !$0.isNumber }.compactMap { Int($0) }
        return numbers.count > 1 ? Version(numbers[0], numbers[1]) : Version(0, 0)
    }()
}
