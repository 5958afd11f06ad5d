internal import TOML

/// What an option is set to: a value of the TOML file, or a text from behind a URL's `#`.
enum OptionValue {
    case toml(Value)
    case text(String)

    /// A text of 1 to so many bytes, without control characters.
    func text(_ key: String, atMost limit: Int = 1024) throws(SettingsProblem) -> String {
        let text: String
        switch self {
        case .toml(let value):
            guard case .string(let string) = value.content else { throw SettingsProblem("\(key) is a text in quotes") }
            text = string
        case .text(let string): text = string
        }
        guard (1...limit).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
        else { throw SettingsProblem("\(key) is 1 to \(limit) bytes, without control characters") }
        return text
    }

    /// Several texts: an array, or with commas between them.
    func texts(_ key: String) throws(SettingsProblem) -> [String] {
        switch self {
        case .text(let text): return text.split(separator: ",").map(String.init)
        case .toml(let value):
            guard case .array(let values) = value.content else {
                throw SettingsProblem("\(key) is a list of texts in []")
            }
            var texts: [String] = []
            for value in values { texts.append(try OptionValue.toml(value).text(key)) }
            return texts
        }
    }

    /// A word that a URL, a header or a query can hold as it is.
    func word(_ key: String) throws(SettingsProblem) -> String {
        let text = try text(key, atMost: 255)
        guard text.utf8.allSatisfy({ $0.isWordByte }) else {
            throw SettingsProblem("\(key) is letters, digits, '.', '-', '_' and ':'")
        }
        return text
    }

    /// `true` or `false`.
    func boolean(_ key: String) throws(SettingsProblem) -> Bool {
        switch self {
        case .toml(let value): if case .boolean(let boolean) = value.content { return boolean }
        case .text("true"): return true
        case .text("false"): return false
        case .text: break
        }
        throw SettingsProblem("\(key) is true or false")
    }

    /// A whole number within limits.
    func count(_ key: String, in range: ClosedRange<Int>) throws(SettingsProblem) -> Int {
        switch self {
        case .toml(let value):
            if case .integer(let number) = value.content, let count = Int(exactly: number), range.contains(count) {
                return count
            }
        case .text(let text): if let count = Int(text), range.contains(count) { return count }
        }
        throw SettingsProblem("\(key) is a number from \(range.lowerBound) to \(range.upperBound)")
    }

    /// A size with its unit: `"4MiB"`.
    func bytes(_ key: String, in range: ClosedRange<Int>) throws(SettingsProblem) -> Int {
        let text = try text(key, atMost: 64)
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Int] = ["B": 1, "KB": 1000, "MB": 1_000_000, "KiB": 1 << 10, "MiB": 1 << 20]
        if let number = Int(digits), let unit = units[text.dropFirst(digits.count)] {
            let (size, isTooLarge) = number.multipliedReportingOverflow(by: unit)
            if !isTooLarge, range.contains(size) { return size }
        }
        throw SettingsProblem(
            "\(key) is a size from \(range.lowerBound >> 10)KiB to \(range.upperBound >> 20)MiB, as \"4MiB\"")
    }

    /// A time with its unit: `"500ms"`, `"5s"`, `"2m"`.
    func duration(_ key: String, in range: ClosedRange<Duration>) throws(SettingsProblem) -> Duration {
        let text = try text(key, atMost: 64)
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
        if let number = Int64(digits), let unit = units[text.dropFirst(digits.count)], number <= 1_000_000_000 {
            let duration = Duration.milliseconds(number * unit)
            if range.contains(duration) { return duration }
        }
        let (least, most) = (range.lowerBound.components, range.upperBound.components)
        let leastText =
            least.seconds > 0 || least.attoseconds == 0
            ? "\(least.seconds)s" : "\(least.attoseconds / 1_000_000_000_000_000)ms"
        throw SettingsProblem(
            "\(key) is a time from \(leastText) to \(most.seconds)s with its unit, as \"500ms\", \"5s\", \"2m\"")
    }

    /// A file's whole path.
    func path(_ key: String) throws(SettingsProblem) -> String {
        let path = try text(key, atMost: 4095)
        guard path.hasPrefix("/") else { throw SettingsProblem("\(key) is a whole path, beginning with /") }
        return path
    }

    /// The path of a file that can be read.
    func readableFile(_ key: String) throws(SettingsProblem) -> String {
        let path = try path(key)
        do throws(FileProblem) {
            try SettingsFile.check(path)
        } catch {
            throw SettingsProblem("\(key): cannot read '\(path)': \(error.message)")
        }
        return path
    }

    /// What a file has, without white space around it.
    func secretFile(_ key: String) throws(SettingsProblem) -> Secret {
        let path = try path(key)
        do throws(FileProblem) {
            return try Secret(text: SettingsFile.read(path, atMost: 16 << 10))
        } catch {
            throw SettingsProblem("\(key): cannot use '\(path)': \(error.message)")
        }
    }

    /// What a variable of the environment has, without white space around it.
    func secretVariable(_ key: String) throws(SettingsProblem) -> Secret {
        let name = try text(key, atMost: 255)
        guard let value = SettingsFile.environment(name) else {
            throw SettingsProblem("\(key): the environment has no variable '\(name)'")
        }
        do throws(FileProblem) {
            return try Secret(text: Array(value.utf8))
        } catch {
            throw SettingsProblem("\(key): cannot use the variable '\(name)': \(error.message)")
        }
    }
}

extension UInt8 {
    /// Whether it may stand in a name of an index, a table, a topic, a field.
    var isWordByte: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
            || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":")].contains(self)
    }
}

extension Secret {
    /// Takes what is no white space at the ends.
    fileprivate init(text bytes: [UInt8]) throws(FileProblem) {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        let trimmed = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !trimmed.isEmpty else { throw FileProblem("it is empty") }
        // A line feed in a header would begin another one.
        guard trimmed.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), let text = String(validating: trimmed, as: UTF8.self)
        else { throw FileProblem("it has more than one line, or no text") }
        self.init(text)
    }
}
