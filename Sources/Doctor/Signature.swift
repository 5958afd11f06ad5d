/// What a kernel has of a function or tracepoint that the programs rely on.
struct Signature: Sendable {
    /// How that compares with what is expected.
    enum State: String, Sendable {
        /// As expected.
        case same
        /// Not there, and not expected in this kernel.
        case absentAsExpected = "absent_as_expected"
        /// As in other kernels than this one by its version, as when a distribution took over a newer change.
        case otherVersion = "as_in_another_version"
        /// Not there.
        case absent
        /// Otherwise than in any kernel that is known.
        case changed
        /// The kernel does not tell.
        case unknown
    }

    var kind: PrototypeTable.Kind
    var name: String
    var state: State
    /// What is expected of this kernel; nil: that it is not there.
    var expected: String?
    /// What is there; nil: nothing, or not known.
    var found: String?
    /// What is otherwise, one phrase each.
    var differences: [String]

    /// Whether the programs may have read something else than they meant to, or nothing.
    var isTrouble: Bool { state == .absent || state == .changed }
}

/// What is asked about a kernel to compare prototypes.
struct SignatureSource {
    /// The kernel's version.
    var version: KernelVersion
    /// A function's prototype as C text; nil: there is none.
    var function: (String) -> String?
    /// The same of a tracepoint.
    var tracepoint: (String) -> String?
    /// What a typedef stands for, one step.
    var meaning: (String) -> String?
    /// Whether a module is loaded.
    var isLoaded: (String) -> Bool
    /// Whether modules can be loaded.
    var hasModules: Bool
}

extension PrototypeTable {
    /// Compares each entry with what a kernel has.
    func compare(with source: SignatureSource) -> [Signature] { entries.map { Self.compare($0, with: source) } }

    private static func compare(_ entry: Entry, with source: SignatureSource) -> Signature {
        let expected = entry.expected(in: source.version)
        var signature = Signature(
            kind: entry.kind, name: entry.name, state: .same, expected: expected.first?.text, found: nil,
            differences: [])
        signature.found = entry.kind == .function ? source.function(entry.name) : source.tracepoint(entry.name)
        guard let text = signature.found, let found = Prototype(text) else {
            let isMissing = expected.contains { variant in
                (variant.module.map(source.isLoaded) ?? true) && (!variant.needsModules || source.hasModules)
            }
            signature.state = isMissing ? .absent : .absentAsExpected
            return signature
        }
        let differences: (Variant) -> [String] = { variant in
            // A tracepoint's line does not say what it returns.
            variant.prototype.differences(in: found, meaning: source.meaning)
        }
        // Every line that holds: one of two copies may be the wrong one.
        signature.differences = expected.flatMap(differences).reduce(into: []) { unique, difference in
            if !unique.contains(difference) { unique.append(difference) }
        }
        if expected.isEmpty { signature.differences = ["is there, which is not expected"] }
        if signature.differences.isEmpty { return signature }
        signature.state = entry.variants.contains { differences($0).isEmpty } ? .otherVersion : .changed
        return signature
    }
}
