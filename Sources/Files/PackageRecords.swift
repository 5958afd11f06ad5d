internal import Glibc

/// What dpkg's files say of one package, read when asked for.
struct PackageRecords {
    private let root: String
    /// As the files in `info` are named: with an architecture where several may be installed.
    private let package: String
    /// The name without the architecture.
    let name: String
    private let architecture: String?

    /// Makes one for `NAME` or `NAME:ARCHITECTURE`.
    init(root: String, package: String) {
        self.root = root
        self.package = package
        let parts = package.split(separator: ":", maxSplits: 1)
        name = parts.first.map(String.init) ?? package
        architecture = parts.count > 1 ? String(parts[1]) : nil
    }

    /// The version, from `status`: paragraphs of `Field: value`, deb822(5).
    func version() -> String? {
        guard let bytes = contents("status") else { return nil }
        let head = Array("Package: \(name)\n".utf8)
        var start = 0
        while let found = bytes.firstRange(of: head, from: start) {
            start = found.upperBound
            guard bytes.isLineStart(found.lowerBound) else { continue }
            let end = bytes.firstRange(of: Array("\n\n".utf8), from: start)?.lowerBound ?? bytes.count
            let fields = bytes[start..<end].split(separator: UInt8(ascii: "\n"))
            func value(_ field: String) -> String? {
                fields.first { $0.starts(with: field.utf8) }
                    .map { String(decoding: $0.dropFirst(field.utf8.count), as: UTF8.self) }
            }
            if architecture == nil || value("Architecture: ") == architecture { return value("Version: ") }
        }
        return nil
    }

    /// The checksum of a file that the package lists, from `md5sums`: 32 digits, two spaces, the path without its `/`.
    func md5(of path: [UInt8]) -> [UInt8]? {
        guard let bytes = contents("info/\(package).md5sums") else { return nil }
        let tail = Array("  ".utf8) + path.dropFirst() + Array("\n".utf8)
        var start = 0
        while let found = bytes.firstRange(of: tail, from: start) {
            start = found.upperBound
            let line = found.lowerBound - 32
            if line >= 0, bytes.isLineStart(line) { return Self.decode(bytes[line..<found.lowerBound]) }
        }
        return nil
    }

    private func contents(_ path: String) -> [UInt8]? {
        try? OpenFile("\(root)/\(path)", flags: O_RDONLY).contents()
    }

    /// Hexadecimal digits to bytes; nil when they are none.
    static func decode(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map { UInt8($0) } }
        guard values.count == digits.count, values.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
