import Model

/// Values as records write them.
extension JSONScanner {
    /// Passes a time as RFC 3339 has it in UTC, 1970 to 2262; nanoseconds since 1970.
    public mutating func time() throws(Malformed) -> UInt64 {
        let range = try rawString()
        var place = range.lowerBound
        /// Passes `count` digits and what stands behind them.
        func digits(_ count: Int, until separators: [UInt8]) -> UInt64? {
            guard place + count < range.upperBound else { return nil }
            var value: UInt64 = 0
            for byte in bytes[place..<place + count] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + UInt64(byte - 48)
            }
            place += count
            guard separators.contains(bytes[place]) else { return nil }
            place += 1
            return value
        }
        let (dash, colon, point, zulu) = (UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "Z"))
        guard let year = digits(4, until: [dash]), let month = digits(2, until: [dash]),
            let day = digits(2, until: [UInt8(ascii: "T"), UInt8(ascii: "t"), 0x20]),
            let hour = digits(2, until: [colon]), let minute = digits(2, until: [colon]),
            let second = digits(2, until: [point, zulu]), (1970...2261).contains(year), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { throw valueError }
        var fraction: UInt64 = 0
        if bytes[place - 1] == point {
            let length = range.upperBound - place - 1
            guard (1...9).contains(length), let value = digits(length, until: [zulu]) else { throw valueError }
            fraction = (length..<9).reduce(value) { product, _ in product * 10 }
        }
        guard place == range.upperBound else { throw valueError }
        let days = Self.days(year: year, month: month, day: day)
        return ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + fraction
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar; the year begins in March, so that the leap day is its last.
    private static func days(year: UInt64, month: UInt64, day: UInt64) -> UInt64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let shiftedMonth = month <= 2 ? month + 9 : month - 3
        let (era, yearOfEra) = shiftedYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Passes an address of IP.
    mutating func address() throws(Malformed) -> IPAddress {
        let range = try rawString()
        guard let address = IPAddress(ascii: bytes[range]) else { throw valueError }
        return address
    }

    /// Passes a hardware address, `02-00-5E-10-00-01`: its 48 bits.
    mutating func hardwareAddress() throws(Malformed) -> UInt64 {
        let digits = bytes[try rawString()].filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        guard digits.count == 12, let value = UInt64(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw valueError
        }
        return value
    }

    /// Passes bytes in hexadecimal, two digits each.
    mutating func hexadecimal() throws(Malformed) -> [UInt8] {
        let digits = bytes[try rawString()]
        guard digits.count.isMultiple(of: 2) else { throw valueError }
        var result: [UInt8] = []
        var upper: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - 48
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - 87
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - 55
            default: throw valueError
            }
            if let first = upper {
                result.append(first << 4 | value)
                upper = nil
            } else {
                upper = value
            }
        }
        return result
    }

    /// Passes an id of numbers between dashes, `RUN-1-2-3-a`: the parts.
    mutating func idParts() throws(Malformed) -> [ArraySlice<UInt8>] {
        bytes[try rawString()].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    }

    /// Passes the id of a process, `BOOT-PID-START`: its start, nanoseconds of CLOCK_BOOTTIME.
    mutating func processStart() throws(Malformed) -> UInt64 {
        let parts = try idParts()
        guard parts.count == 3, let start = UInt64(ascii: parts[2]) else { throw valueError }
        return start
    }
}

extension UInt64 {
    /// Reads digits, and nothing else; nil: they are none, or too many.
    init?(ascii text: ArraySlice<UInt8>) {
        guard !text.isEmpty else { return nil }
        self = 0
        for byte in text {
            guard byte >= 48, byte <= 57 else { return nil }
            let (product, overflow) = multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 48))
            guard !overflow, !carry else { return nil }
            self = sum
        }
    }
}
