internal import ArgumentParser
internal import Beacons
internal import Model

/// What is known to be good.
struct AllowOptions: ParsableArguments {
    @Option(
        name: .customLong("allow"),
        help: ArgumentHelp(
            "What is known to be good, which lowers its score by 0.6: exe:PATH, sha256:HASH, package:NAME, unit:NAME, domain:NAME, cidr:BLOCK.",
            valueName: "what"))
    var allowed: [AllowArgument] = []

    @Flag(name: .customLong("no-default-allow"), help: "Leave out the list of what is good that comes with tattle.")
    var hasNoDefaults = false

    /// All of it; the first entry that fits counts.
    var list: AllowList {
        AllowList(allowed.map(\.entry) + (hasNoDefaults ? [] : AllowList.standard.entries))
    }

    /// Whether anything was said.
    var isGiven: Bool { hasNoDefaults || !allowed.isEmpty }
}

/// `--allow`.
struct AllowArgument: ExpressibleByArgument {
    let entry: AllowList.Entry

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":") else { return nil }
        let value = String(argument[argument.index(after: colon)...])
        guard !value.isEmpty else { return nil }
        let subject: AllowList.Subject
        switch argument[..<colon] {
        case "exe": subject = .executable(value)
        case "sha256": subject = .hash(value)
        case "package": subject = .package(value)
        case "unit": subject = .unit(value)
        case "domain": subject = .domain(value.lowercased())
        case "cidr":
            guard let block = AddressPrefix(argument: value) else { return nil }
            subject = .block(block)
        default: return nil
        }
        entry = AllowList.Entry(subject, reason: "allowed by --allow")
    }
}
