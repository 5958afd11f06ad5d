internal import Glibc

/// Where the kernel's functions lie in its memory, from /proc/kallsyms.
enum KernelText {
    /// nf_hook_slow(), in which netfilter drops packets.
    static func netfilter() -> Range<UInt64>? {
        guard let file = unsafe fopen("/proc/kallsyms", "re") else { return nil }
        defer { unsafe fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        // getline owns the buffer and makes it as large as the line.
        defer { unsafe free(line) }
        return extent(of: "nf_hook_slow") {
            guard unsafe getline(&line, &capacity, file) > 0, let text = unsafe line else { return nil }
            return unsafe String(cString: text)
        }
    }

    /// From a function's address to that of what comes after it.
    ///
    /// - Parameters:
    ///   - name: the function's name.
    ///   - nextLine: gives one line after the other, `ADDRESS TYPE NAME`, in the order of the addresses; nil: no more.
    /// - Returns: nil when there is no such function, or addresses are hidden (kernel.kptr_restrict: all zero).
    static func extent(of name: String, _ nextLine: () -> String?) -> Range<UInt64>? {
        var begin: UInt64?
        while let line = nextLine() {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count > 2, let address = UInt64(fields[0], radix: 16) else { continue }
            if let begin {
                // Other names of the same place are not its end.
                if address > begin { return begin..<address }
                if address < begin { return nil }
            } else if fields[2] == name {
                guard address != 0 else { return nil }
                begin = address
            }
        }
        return nil
    }
}
