/// Lines for a person: headings, and rows whose columns stand below each other.
struct TextReport {
    /// A word that says how something is.
    enum Mark {
        case good
        case bad
        case doubtful
    }

    /// A column's content.
    struct Cell {
        var text: String
        var mark: Mark?

        init(_ text: String, _ mark: Mark? = nil) {
            self.text = text.printable
            self.mark = mark
        }
    }

    private let usesColor: Bool
    private(set) var text = ""

    init(usesColor: Bool) { self.usesColor = usesColor }

    /// Begins a section.
    mutating func heading(_ title: String) {
        if !text.isEmpty { text += "\n" }
        text += (usesColor ? "\u{1b}[1m\(title)\u{1b}[0m" : title) + "\n"
    }

    /// A line by itself.
    mutating func line(_ content: String, indent: Int = 2) {
        text += String(repeating: " ", count: indent) + content.printable + "\n"
    }

    /// Rows in columns; the last one is as wide as it likes.
    mutating func rows(_ rows: [[Cell]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { row in row.indices.contains(column) ? row[column].text.count : 0 }.max() ?? 0
        }
        for row in rows {
            var line = " "
            for (column, cell) in row.enumerated() where !row[column...].allSatisfy(\.text.isEmpty) {
                let isLast = row[(column + 1)...].allSatisfy(\.text.isEmpty)
                let padding = isLast ? 0 : widths[column] - cell.text.count + 1
                line += " " + colored(cell) + String(repeating: " ", count: padding)
            }
            text += line + "\n"
        }
    }

    private func colored(_ cell: Cell) -> String {
        guard usesColor, let mark = cell.mark else { return cell.text }
        let code =
            switch mark {
            case .good: "32"
            case .bad: "31"
            case .doubtful: "33"
            }
        return "\u{1b}[\(code)m\(cell.text)\u{1b}[0m"
    }
}

extension String {
    /// With control characters made visible: a name that somebody chose must not steer a terminal.
    fileprivate var printable: String {
        unicodeScalars.contains {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
        }
            ? unicodeScalars.reduce(into: "") { text, scalar in
                switch scalar.properties.generalCategory {
                case .control, .format: text += "\\u{\(String(scalar.value, radix: 16))}"
                default: text.unicodeScalars.append(scalar)
                }
            } : self
    }
}
