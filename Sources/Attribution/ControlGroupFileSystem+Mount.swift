internal import Glibc

extension ControlGroupFileSystem {
    /// Where cgroup v2 is mounted; nil when it is not.
    ///
    /// Preferred is a mount of the whole hierarchy; of those the first.
    ///
    /// - Parameter mountInfo: a file of the form of /proc/self/mountinfo, proc_pid_mountinfo(5).
    public static func mountPoint(mountInfo: String = "/proc/self/mountinfo") -> String? {
        guard let file = unsafe fopen(mountInfo, "re") else { return nil }
        defer { unsafe fclose(file) }
        var text: UnsafeMutablePointer<CChar>?
        var capacity = 0
        // getline owns the buffer and makes it as large as the line.
        defer { unsafe free(text) }
        var partial: String?
        while true {
            let count = unsafe getline(&text, &capacity, file)
            guard count > 0, let line = unsafe text else { return partial }
            let mount = unsafe UnsafeBufferPointer(start: line, count: count).map { UInt8(bitPattern: $0) }
            guard let mount = parse(mount) else { continue }
            if mount.isWhole { return mount.point }
            partial = partial ?? mount.point
        }
    }

    /// The mount point of a line whose type is cgroup2, and whether its root is the hierarchy's; nil for others.
    ///
    /// `id parent major:minor root point options optional … - type source options`
    static func parse(_ line: [UInt8]) -> (point: String, isWhole: Bool)? {
        let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        guard let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
            fields.indices.contains(dash + 1), fields[dash + 1].elementsEqual("cgroup2".utf8)
        else { return nil }
        return (String(decoding: unescaped(fields[4]), as: UTF8.self), fields[3].elementsEqual("/".utf8))
    }

    /// With `\040` and the like made bytes again: the kernel's mangle() does so to space, tab, newline and backslash.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
