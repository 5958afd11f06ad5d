internal import Glibc

/// Files that packages bring under one name and that are kept under another: dpkg-divert(1).
struct Diversions {
    private struct Diversion {
        let original: [UInt8]
        let place: [UInt8]
        /// Whose file stays at the original path; nil: nobody's, the administrator diverts it.
        let package: String?
    }

    /// A name under which a package may list a file.
    struct Claim {
        let path: [UInt8]
        /// Whether a package of that name, without its architecture, may be the one.
        let accepts: (String) -> Bool
    }

    private var diversions: [Diversion] = []

    /// None.
    init() {}

    /// Reads the file `diversions`: three lines each, the original path, the place, the package or `:`.
    ///
    /// There may be no such file.
    /// - Parameter merged: the path with the `/usr` that its folder has moved to.
    init(path: String, merged: ([UInt8]) -> [UInt8]) {
        guard let file = try? OpenFile(path, flags: O_RDONLY), let bytes = try? file.contents() else { return }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        for index in stride(from: 0, to: lines.count - 2, by: 3) {
            let package = String(decoding: lines[index + 2], as: UTF8.self)
            diversions.append(
                Diversion(
                    original: merged(Array(lines[index])), place: merged(Array(lines[index + 1])),
                    package: package == ":" ? nil : package))
        }
    }

    /// The names under which packages list the file at a path that is merged.
    func claims(to path: [UInt8]) -> [Claim] {
        var claims: [Claim] = []
        for diversion in diversions where diversion.place == path {
            claims.append(Claim(path: diversion.original) { $0 != diversion.package })
        }
        if let diversion = diversions.first(where: { $0.original == path }) {
            claims.append(Claim(path: path) { $0 == diversion.package })
        } else {
            claims.append(Claim(path: path) { _ in true })
        }
        return claims
    }
}
