/// Of a URL that came from elsewhere, what may stand in a message.
enum OriginText {
    /// Scheme, host and port, without a user's name; of a path alone nil.
    static func origin(_ location: String) -> String? {
        guard let end = location.firstRange(of: "://"), location.utf8.count <= 2_048 else { return nil }
        let scheme = location[..<end.lowerBound]
        let authority = location[end.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let text = "\(scheme)://\(host)"
        return text.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? String(text.prefix(256)) : nil
    }
}
