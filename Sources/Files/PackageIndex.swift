internal import Glibc

/// Which packages may list a path, in eight bytes per path.
///
/// Upper 44 bits: the path's hash; lower 20: the package's number. A hit is looked up in the package's list.
struct PackageIndex {
    private static let packageBits = 20
    private static let packageMask: UInt64 = 1 << 20 - 1
    /// As the list files are named, without `.list`.
    private var packages: [String] = []
    /// Sorted.
    private var entries: [UInt64] = []

    /// Knows no package.
    init() {}

    /// Reads all lists in dpkg's folder `info`.
    init(folder: String) {
        packages = Self.packages(in: folder)
        var entries: [UInt64] = []
        for (number, package) in packages.enumerated() {
            guard let list = Self.list(of: package, folder) else { continue }
            Self.forEachFile(in: list) { hash in entries.append(hash & ~Self.packageMask | UInt64(number)) }
        }
        entries.sort()
        // Without the room that appending leaves.
        self.entries.reserveCapacity(entries.count)
        self.entries += entries
    }

    /// Bytes of memory.
    var byteCount: Int { entries.capacity * 8 + packages.count * MemoryLayout<String>.size }

    /// The package that lists a path, as its files are named.
    /// - Parameter accepts: whether a package of that name, without its architecture, may be the one.
    func package(of path: [UInt8], where accepts: (String) -> Bool, folder: String) -> String? {
        let hash = unsafe path.withUnsafeBytes { unsafe Self.hash($0) } & ~Self.packageMask
        var index = firstEntry(notBelow: hash)
        while index < entries.count, entries[index] & ~Self.packageMask == hash {
            let package = packages[Int(entries[index] & Self.packageMask)]
            let name = package.prefix { $0 != ":" }
            if accepts(String(name)), Self.lists(package, path, folder) { return package }
            index += 1
        }
        return nil
    }

    private func firstEntry(notBelow value: UInt64) -> Int {
        var range = entries.startIndex..<entries.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = entries[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    private static func lists(_ package: String, _ path: [UInt8], _ folder: String) -> Bool {
        guard let list = list(of: package, folder) else { return false }
        let line = path + [UInt8(ascii: "\n")]
        var start = 0
        while let found = list.firstRange(of: line, from: start) {
            if list.isLineStart(found.lowerBound) { return true }
            start = found.upperBound
        }
        return false
    }

    private static func list(of package: String, _ folder: String) -> [UInt8]? {
        try? OpenFile("\(folder)/\(package).list", flags: O_RDONLY).contents()
    }

    /// Calls `body` with the hash of each path, folders left out.
    ///
    /// dpkg lists a folder right before what is in it.
    private static func forEachFile(in list: [UInt8], _ body: (UInt64) -> Void) {
        // Every pointer is into `list`, and used before this call returns.
        unsafe list.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var start = 0
            while start < bytes.count {
                let newline = unsafe memchr(base + start, 10, bytes.count - start)
                let end = unsafe newline.map { unsafe UnsafeRawPointer($0) - base } ?? bytes.count
                let length = end - start
                let isFolder =
                    unsafe end + 1 + length < bytes.count && bytes[end + 1 + length] == UInt8(ascii: "/")
                    && memcmp(base + start, base + end + 1, length) == 0
                if !isFolder { body(unsafe hash(UnsafeRawBufferPointer(start: base + start, count: length))) }
                start = end + 1
            }
        }
    }

    /// Differs from run to run: nobody can make paths that collide.
    private static func hash(_ path: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        // The bytes are valid through the call.
        unsafe hasher.combine(bytes: path)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static func packages(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var packages: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is NUL-terminated within the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.hasSuffix(".list") { packages.append(String(name.dropLast(5))) }
        }
        return Array(packages.prefix(Int(packageMask)))
    }
}
