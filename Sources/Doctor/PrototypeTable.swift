/// The prototypes that the BPF programs rely on: the `match-proto:` lines of their sources.
///
///     /* match-proto: net/ipv4/udp.c: int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
///
/// A file in include/trace/events/ means a tracepoint. What varies is said behind the prototype, each behind a ";":
/// "since 6.4", "before 6.19" and "until 6.18" (the last that has it) say in which kernels it holds. Of several lines for
/// one name the one with the latest "since" holds, and one without a bound where no other does. "module sctp": it is in
/// a module, which may not be loaded; "with modules": a kernel that is built without them lacks it. A last parameter "…" stands for any more. Lines without a prototype, as those of macros, have nothing to compare.
struct PrototypeTable: Sendable {
    /// A function or a tracepoint.
    enum Kind: String, Sendable {
        case function
        case tracepoint
    }

    /// One line.
    struct Variant: Hashable, Sendable {
        /// As it is written.
        var text: String
        var prototype: Prototype
        /// The first kernel that has it so; nil: from the beginning.
        var since: KernelVersion?
        /// The first kernel that has it no longer so; nil: to the end.
        var before: KernelVersion?
        /// The last kernel that has it so; nil: to the end.
        var until: KernelVersion?
        /// The module that has it; nil: the kernel itself.
        var module: String?

        /// Whether only a kernel has it that can load modules.
        var needsModules = false

        /// Whether it says for which kernels it holds.
        var isBounded: Bool { since != nil || before != nil || until != nil }

        /// Whether it holds for a kernel, by its bounds.
        func holds(for version: KernelVersion) -> Bool {
            since.map { $0 <= version } ?? true && before.map { version < $0 } ?? true
                && until.map { version <= $0 } ?? true
        }
    }

    /// All that is said of one function or tracepoint.
    struct Entry: Sendable {
        var kind: Kind
        var name: String
        var variants: [Variant]

        /// What holds for a kernel; empty: it is not expected to be there.
        func expected(in version: KernelVersion) -> [Variant] {
            let bounded = variants.filter { $0.isBounded && $0.holds(for: version) }
            guard !bounded.isEmpty else { return variants.filter { !$0.isBounded } }
            let latest = bounded.compactMap(\.since).max()
            return bounded.filter { $0.since == latest }
        }
    }

    /// By name, tracepoints last.
    var entries: [Entry]

    /// Reads the lines as grep -n prints them: "bpf/kprobe.bpf.c:35:/* match-proto: … */".
    init(lines: String) {
        var entries: [String: Entry] = [:]
        for line in lines.split(separator: "\n") {
            guard let (kind, variant) = Self.parse(line) else { continue }
            let key = "\(kind.rawValue) \(variant.prototype.name)"
            var entry = entries[key] ?? Entry(kind: kind, name: variant.prototype.name, variants: [])
            if !entry.variants.contains(variant) { entry.variants.append(variant) }
            entries[key] = entry
        }
        self.entries = entries.sorted { $0.key < $1.key }.map(\.value)
    }

    /// One line; nil when it has no prototype.
    private static func parse(_ line: Substring) -> (Kind, Variant)? {
        let mark = "match-proto: "
        guard let start = line.firstRange(of: mark)?.upperBound else { return nil }
        var text = line[start...]
        if let end = text.firstRange(of: "*/")?.lowerBound { text = text[..<end] }
        guard let colon = text.firstRange(of: ": ") else { return nil }
        let file = text[..<colon.lowerBound]
        let parts = text[colon.upperBound...].split(separator: ";").map { $0.trimmed }
        guard let first = parts.first, let open = first.firstIndex(of: "("),
            !first[..<open].contains(","), first.last == ")", let prototype = Prototype(first)
        else { return nil }
        let kind: Kind = file.hasPrefix("include/trace/events/") ? .tracepoint : .function
        var variant = Variant(text: first, prototype: prototype)
        for condition in parts.dropFirst() {
            let words = condition.split(separator: " ")
            guard words.count == 2 else { continue }
            switch words[0] {
            case "since": variant.since = KernelVersion(words[1])
            case "before": variant.before = KernelVersion(words[1])
            case "until": variant.until = KernelVersion(words[1])
            case "module": variant.module = String(words[1])
            case "with": variant.needsModules = words[1] == "modules"
            default: break
            }
        }
        return (kind, variant)
    }
}

/// The first two numbers of a kernel's release: what came in a version is there in all of its patch releases.
struct KernelVersion: Hashable, Comparable, CustomStringConvertible, Sendable {
    var major: Int
    var minor: Int

    /// Reads "6.4", or "6.12.107+deb13-cloud-amd64"; nil when it does not begin so.
    init?(_ release: some StringProtocol) {
        let parts = release.split(separator: ".", maxSplits: 2).map { $0.prefix { $0.isNumber } }
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.major = major
        self.minor = minor
    }

    static func < (one: KernelVersion, two: KernelVersion) -> Bool {
        (one.major, one.minor) < (two.major, two.minor)
    }

    var description: String { "\(major).\(minor)" }
}

extension StringProtocol {
    /// Without blanks at its ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
