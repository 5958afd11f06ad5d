internal import CLinux

extension [UInt8] {
    /// Where some bytes are first found at an index or behind it.
    func firstRange(of needle: [UInt8], from start: Int = 0) -> Range<Int>? {
        guard start <= count, !needle.isEmpty else { return nil }
        return unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            // Both are valid through the call.
            let index = unsafe tattle_find(base + start, bytes.count - start, needle, needle.count)
            return index < 0 ? nil : start + index..<start + index + needle.count
        }
    }

    /// Whether a line begins at an index.
    func isLineStart(_ index: Int) -> Bool { index == 0 || self[index - 1] == UInt8(ascii: "\n") }
}
