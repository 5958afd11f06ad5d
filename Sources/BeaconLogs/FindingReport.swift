public import Beacons

/// Findings for a person: a ranked table, or one with everything that led to it.
public enum FindingReport {
    /// A table, the likeliest first.
    ///
    /// - Parameters:
    ///   - ranks: of each finding, its place in the ranking, from 1.
    ///   - rita: RITA's score of each; empty: it is not wanted; nil: RITA says nothing of it.
    public static func table(_ findings: [Finding], rita: [Double?] = []) -> String {
        var text = rita.isEmpty ? "  #  score  finding\n" : "  #  score   rita  finding\n"
        for (index, finding) in findings.enumerated() {
            text += pad("\(index + 1)", 3) + "  " + pad(digits(finding.value), 5)
            if index < rita.count { text += "  " + pad(rita[index].map { digits($0, 3) } ?? "-", 5) }
            text += "  " + printable(finding.sentence) + "\n"
            let notes = finding.modifiers.map { "\($0.name) \(signed($0.change))" }
            let indent = String(repeating: " ", count: rita.isEmpty ? 12 : 19)
            text += indent + "by chance 1 in \(odds(finding))"
            text += notes.isEmpty ? "\n" : "; \(notes.joined(separator: ", "))\n"
        }
        return text
    }

    /// Everything about one finding.
    public static func explanation(_ finding: Finding, rank: Int) -> String {
        let (score, rhythm) = (finding.score, finding.analysis.rhythm)
        var text = "#\(rank)  \(printable(finding.sentence))\n\n"
        text += "score \(digits(finding.value)): \(digits(score.value)) by rhythm"
        text +=
            finding.modifiers.isEmpty
            ? "\n" : ", \(signed(finding.modifiers.reduce(0) { $0 + $1.change })) by modifiers\n"
        text += "  rhythm = chance \(digits(score.chance)) x reach \(digits(score.reach)) x "
        text += "(1/2 + 1/2 x quality \(digits(score.quality)))\n"
        for part in score.parts {
            text += "    " + part.name.padding(to: 14) + (part.value.map { digits($0) } ?? "not known")
            text += "  of weight \(digits(part.weight))\n"
        }
        for modifier in finding.modifiers {
            text += "  " + modifier.name.padding(to: 16) + "\(signed(modifier.change))  \(printable(modifier.reason))\n"
        }
        text += "\nchance makes calls like these in 1 of \(odds(finding)) cases at most\n"
        text += "period \(digits(rhythm.periodSeconds, 3)) s, deviation \(digits(rhythm.spreadSeconds, 3)) s "
        text += rhythm.jitter == .even ? "(evenly spread)" : "(around the period)"
        text +=
            ", \(percent(rhythm.missedShare)) of the beats missed, \(percent(rhythm.strayShare)) of the gaps stray\n"
        text += "\(finding.calls) calls from \(time(finding.firstMilliseconds)) to \(time(finding.lastMilliseconds)), "
        text += "\(percent(finding.analysis.coverage)) of that time in rhythm\n"
        for destination in finding.alike { text += "alike: \(printable("\(destination)"))\n" }
        return text
    }

    /// `10`, or `10^12` for what is longer.
    private static func odds(_ finding: Finding) -> String {
        let power = Int(finding.chancePowerOfTen)
        return power < 7 ? "\(Int(pow10(power)))" : "10^\(power)"
    }

    private static func pow10(_ power: Int) -> Double { (0..<power).reduce(1) { product, _ in product * 10 } }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    private static func signed(_ change: Double) -> String { (change < 0 ? "-" : "+") + digits(abs(change)) }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// With so many digits behind the point.
    static func digits(_ value: Double, _ count: Int = 2) -> String {
        let scale = Int(pow10(count))
        let units = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(units % scale)
        let sign = value < 0 && units > 0 ? "-" : ""
        return "\(sign)\(units / scale)." + String(repeating: "0", count: count - fraction.count) + fraction
    }

    /// Names come from logs: control characters must not reach a terminal.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// RFC 3339 in UTC, with milliseconds.
    static func time(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        let (year, month, day) = date(days: seconds / 86_400)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let fraction = "\(milliseconds % 1000)"
        return
            "\(year)-\(two(month))-\(two(day))T\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
            + "." + String(repeating: "0", count: 3 - fraction.count) + fraction + "Z"
    }

    /// The date so many days after 1970-01-01; the year is counted from March.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let (era, ofEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let isLate = month >= 10
        return (year + era * 400 + (isLate ? 1 : 0), isLate ? month - 9 : month + 3, ofYear - (153 * month + 2) / 5 + 1)
    }
}

extension String {
    /// With spaces up to a width.
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
