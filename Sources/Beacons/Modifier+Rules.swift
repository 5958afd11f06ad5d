public import Model

/// What is known beside the calls when a finding is judged.
struct Circumstances {
    var caller: Caller
    var destination: Destination
    var traits: CallerTraits
    var evidence: Evidence
    var analysis: BeatAnalysis
    /// Callers that this destination has, and hosts.
    var callers: Int
    var hosts: Int
    /// Hosts in all.
    var allHosts: Int
    /// Seconds from the first call of all to the first of these.
    var secondsBefore: Double
}

extension Modifier {
    /// All that apply, but for the allow list.
    static func all(for circumstances: Circumstances) -> [Modifier] {
        [
            package(circumstances), flags(circumstances), reach(circumstances), prevalence(circumstances),
            newcomer(circumstances), service(circumstances), held(circumstances), direction(circumstances),
        ].compactMap { $0 }
    }

    private static func package(_ circumstances: Circumstances) -> Modifier? {
        let traits = circumstances.traits
        if traits.isPackaged == false {
            return Modifier("unpackaged", 0.05, "no package brought the executable")
        }
        guard let package = traits.package else { return nil }
        if traits.isUnchanged == false {
            return Modifier("changed", 0.2, "the executable is not as package \(package) brought it")
        }
        guard traits.isUnchanged == true, !traits.isServant, traits.script == nil else { return nil }
        return Modifier("packaged", -0.15, "the executable is as package \(package) brought it")
    }

    private static func flags(_ circumstances: Circumstances) -> Modifier? {
        let telling: ProcessFlags = [
            .deleted, .memfd, .temporaryFolder, .worldWritable, .hiddenPath, .kernelLookAlike, .ptraced, .preload,
        ]
        let flags = circumstances.traits.flags.intersection(telling)
        guard !flags.isEmpty else { return nil }
        let names = flags.names.map { String(describing: $0) }
        return Modifier(
            "flags", min(0.1 * Double(names.count), 0.25), "the process is \(names.joined(separator: ", "))")
    }

    private static func reach(_ circumstances: Circumstances) -> Modifier? {
        guard let address = circumstances.destination.address else { return nil }
        switch AddressKind(address) {
        case .link: return Modifier("local_link", -0.4, "it does not leave the link")
        case .loopback: return Modifier("loopback", -0.4, "it does not leave the machine")
        case .internal: return Modifier("private_address", -0.1, "the address is private")
        case .external: return nil
        }
    }

    private static func prevalence(_ circumstances: Circumstances) -> Modifier? {
        let (hosts, all) = (circumstances.hosts, circumstances.allHosts)
        if all >= 4, hosts * 2 >= all {
            return Modifier("prevalent", -0.15, "\(hosts) of \(all) hosts call it")
        }
        if circumstances.callers >= 4, all < 4 {
            return Modifier("shared", -0.1, "\(circumstances.callers) programs call it")
        }
        if all >= 50, hosts * 50 <= all, !circumstances.isMostlyInbound {
            return Modifier("rare", 0.1, "only \(hosts) of \(all) hosts call\(hosts == 1 ? "s" : "") it")
        }
        return nil
    }

    private static func newcomer(_ circumstances: Circumstances) -> Modifier? {
        guard circumstances.secondsBefore >= 86_400, !circumstances.isMostlyInbound else { return nil }
        let days = Int(circumstances.secondsBefore / 86_400)
        return Modifier("first_seen", 0.05, "it began after \(days) day\(days == 1 ? "" : "s") of the log")
    }

    private static func service(_ circumstances: Circumstances) -> Modifier? {
        let destination = circumstances.destination
        let isUDP = destination.transport.isUDP
        switch (destination.transport, destination.port) {
        case (_, 123) where isUDP: return Modifier("time_service", -0.3, "its port is that of NTP, periodic by nature")
        case (_, 67), (_, 68), (_, 546), (_, 547):
            return isUDP ? Modifier("address_service", -0.4, "its port is that of DHCP, periodic by nature") : nil
        case (_, 1900), (_, 5353), (_, 5355), (_, 137), (_, 138):
            return isUDP ? Modifier("discovery", -0.3, "its port is that of a discovery protocol") : nil
        case (_, 53): return Modifier("name_service", -0.15, "its port is that of DNS: many questions, one server")
        case (.other(58), 133...137): return Modifier("neighbours", -0.4, "ICMPv6 neighbour discovery")
        case (.other(1), 3), (.other(1), 11), (.other(58), 1...4):
            return Modifier("icmp_error", -0.4, "an ICMP error: an answer, not an attempt")
        default: return nil
        }
    }

    private static func held(_ circumstances: Circumstances) -> Modifier? {
        let evidence = circumstances.evidence
        if circumstances.analysis.isOfOneFlow {
            return Modifier("keep_alive", -0.3, "it sends on a socket that stays open, as keep-alives do")
        }
        if Double(evidence.held) > 0.7 * Double(evidence.calls) {
            let kilobytes = Double(evidence.received) / Double(evidence.held) / 1000
            if kilobytes > 64 {
                return Modifier(
                    "download", -0.4, "each time \(Int(min(kilobytes, 1e9))) kB come: a stream or a download")
            }
            return Modifier("keep_alive", -0.3, "it speaks on a connection that stays open, as keep-alives do")
        }
        let length = Double(evidence.lengths.mean)
        let period = circumstances.analysis.rhythm.periodSeconds
        guard evidence.lengths.count >= 6, length > 0.75 * period, length < 1.25 * period, period > 20 else {
            return nil
        }
        return Modifier(
            "reopened", -0.3, "a connection is opened when the last one has ended: its length makes the period")
    }

    private static func direction(_ circumstances: Circumstances) -> Modifier? {
        guard circumstances.isMostlyInbound else { return nil }
        let evidence = circumstances.evidence
        if 2 * evidence.count(.answered) < Int(evidence.calls) {
            return Modifier("probe", -0.5, "it comes from outside and finds nothing: a scanner, or a lost peer")
        }
        let destination = circumstances.destination
        if destination.transport == .tcp, [22, 23, 3389, 5900].contains(destination.port) {
            return Modifier("login", -0.25, "it comes from outside to a port of logins: guesses, or a timer over there")
        }
        return Modifier("inbound", -0.1, "it comes from outside: the program is on the other side")
    }
}

extension Circumstances {
    /// Whether most calls came from outside.
    var isMostlyInbound: Bool { 2 * evidence.inbound > evidence.calls }
}

/// How far a packet to an address goes.
public enum AddressKind: Hashable, Sendable {
    /// Not off the machine.
    case loopback
    /// Not off the link: link-local, multicast, broadcast.
    case link
    /// Not into the Internet: RFC 1918, RFC 4193, RFC 6598.
    case `internal`
    /// Anywhere.
    case external

    /// Tells an address's kind.
    public init(_ address: IPAddress) {
        switch address {
        case .v4(let bits):
            switch (bits >> 24, bits >> 16, bits >> 20) {
            case (127, _, _), (0, _, _): self = .loopback
            case (224..., _, _), (_, 0xa9fe, _): self = .link
            case (10, _, _), (_, 0xc0a8, _), (_, _, 0xac1): self = .internal
            default: self = bits >> 22 == 0x6440_0000 >> 22 ? .internal : .external
            }
        case .v6(let high, let low):
            if high == 0, low <= 1 {
                self = .loopback
            } else if high >> 56 == 0xff || high >> 54 == 0xfe80 >> 6 {
                self = .link
            } else {
                self = high >> 57 == 0xfc >> 1 ? .internal : .external
            }
        }
    }
}
