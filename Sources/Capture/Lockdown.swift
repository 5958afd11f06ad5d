internal import Glibc

/// Whether the kernel keeps its memory from being read: kernel_lockdown(7).
enum Lockdown {
    /// What is in force in `/sys/kernel/security/lockdown`, the word in brackets.
    static func isConfidential(_ text: some StringProtocol) -> Bool { text.contains("[confidentiality]") }

    /// What a person can do about it; nil: the kernel is not locked down so far, or does not say.
    static func advice() -> String? {
        guard let file = unsafe fopen("/sys/kernel/security/lockdown", "re") else { return nil }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        // Writes at most line.count bytes, NUL included.
        guard unsafe fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard isConfidential(text) else { return nil }
        return "it is locked down (confidentiality), so that no program may read its memory: "
            + "boot with lockdown=integrity or none"
    }
}
