extension Prototype {
    /// What is otherwise in another prototype than in this one, one phrase each; empty: nothing that matters.
    ///
    /// Qualifiers do not matter, nor does by which of its names a type is called. A parameter's name does: two of one
    /// type that changed their places can be told by nothing else.
    ///
    /// - Parameters:
    ///   - other: what there is.
    ///   - meaning: what a typedef stands for, one step; nil: it is none.
    func differences(in other: Prototype, meaning: (String) -> String?) -> [String] {
        var differences: [String] = []
        func isSame(_ one: String, _ two: String) -> Bool {
            one == two || Self.resolved(one, meaning) == Self.resolved(two, meaning)
        }
        if let result, let others = other.result, !isSame(result, others) {
            differences.append("returns \(others), not \(result)")
        }
        for (index, pair) in zip(parameters, other.parameters).enumerated() {
            let (wanted, there) = pair
            let isNamedSame = wanted.name == nil || there.name == nil || wanted.name == there.name
            guard !isSame(wanted.type, there.type) || !isNamedSame else { continue }
            differences.append("parameter \(index + 1) is \(there), not \(wanted)")
        }
        let more = other.parameters.dropFirst(parameters.count)
        if !more.isEmpty, !isOpenEnded {
            differences.append("has one more: " + more.map(\.description).joined(separator: ", "))
        }
        let missing = parameters.dropFirst(other.parameters.count)
        if !missing.isEmpty {
            differences.append("lacks " + missing.map(\.description).joined(separator: ", "))
        }
        return differences
    }

    /// A type with its typedefs replaced, as far as they are known.
    private static func resolved(_ type: String, _ meaning: (String) -> String?) -> String {
        var resolved = type
        // No chain is as long; one that is a circle ends here.
        for _ in 0..<16 {
            let base = resolved.prefix { $0 != " " && $0 != "*" }
            guard let replacement = meaning(String(base)) else { break }
            resolved = Self.type(replacement + resolved.dropFirst(base.count))
        }
        return resolved
    }
}

extension Prototype.Parameter: CustomStringConvertible {
    /// As in C.
    var description: String {
        guard let name else { return type }
        return type.hasSuffix("*") ? type + name : "\(type) \(name)"
    }
}
