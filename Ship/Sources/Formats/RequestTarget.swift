/// Path and query of a destination's URL, apart, so that a format can add its own to each.
struct RequestTarget {
    /// Begins with a slash.
    let path: String
    /// Without its question mark; empty: none.
    let query: String

    /// Takes them apart.
    ///
    /// - Parameter text: begins with a slash; "/" where the URL has none.
    init(_ text: String) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? "/"
        query = parts.count > 1 ? String(parts[1]) : ""
    }

    /// What stands before a path of the format's: "/es/" is "/es", "/" is nothing.
    var base: String { path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// What stands in the request: another path, and the format's own query before the URL's, which has the last word.
    func text(_ path: String, adding own: [String] = []) -> String {
        let items = own + (query.isEmpty ? [] : [query])
        return items.isEmpty ? path : "\(path)?\(items.joined(separator: "&"))"
    }
}
