internal import Glibc

/// How far something is, on a line of the terminal that standard error is; nothing where it is none.
final class ProgressBar {
    private static let width = 30
    private let isShown = isatty(2) == 1
    private var isDrawn = false

    /// Draws it.
    ///
    /// - Parameters:
    ///   - share: 0 to 1; nil: nobody knows how much there is.
    ///   - words: what is done.
    func show(_ share: Double?, _ words: String) {
        guard isShown else { return }
        write(Self.line(share, words))
        isDrawn = true
    }

    /// Takes it away, before something else is written.
    func clear() {
        guard isDrawn else { return }
        write("\r\u{1b}[K")
        isDrawn = false
    }

    /// What is drawn.
    static func line(_ share: Double?, _ words: String) -> String {
        guard let share else { return "\r\u{1b}[K\(words)" }
        let full = Int((share * Double(width)).rounded(.down))
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        let percent = String(Int((share * 100).rounded(.down)))
        return "\r\u{1b}[K[\(bar)] \(String(repeating: " ", count: max(0, 3 - percent.count)))\(percent) %  \(words)"
    }

    private func write(_ text: String) {
        var text = text
        // A terminal that does not take it is not waited for.
        text.withUTF8 { bytes in _ = unsafe Glibc.write(2, bytes.baseAddress, bytes.count) }
    }
}
