public import Model

extension NetworkCounters {
    /// Reads the text of `snmp`, `snmp6` and `netstat`: net/ipv4/proc.c, net/ipv6/proc.c.
    ///
    /// What a text does not have, or has as no number, is nil. Nothing is made of what is not asked for: of some three
    /// hundred counters eleven are, for each namespace and heartbeat.
    public init(snmp: [UInt8], snmp6: [UInt8], netstat: [UInt8]) {
        self.init()
        let four = Self.values(
            in: snmp,
            of: [
                ("Tcp", "ActiveOpens"), ("Tcp", "AttemptFails"), ("Ip", "OutNoRoutes"), ("Udp", "OutDatagrams"),
                ("UdpLite", "OutDatagrams"),
            ])
        (tcpActiveOpens, tcpAttemptFails, ipOutNoRoutes) = (four[0], four[1], four[2])
        (udpOutDatagrams, udpLiteOutDatagrams) = (four[3], four[4])
        let extended = Self.values(
            in: netstat,
            of: [("MPTcpExt", "MPCapableSYNTX"), ("MPTcpExt", "MPJoinSynTx"), ("MPTcpExt", "MPCapableSYNRX")])
        (mptcpCapableSyns, mptcpJoinSyns, mptcpPassiveSyns) = (extended[0], extended[1], extended[2])
        var lines = Words(snmp6, 0..<snmp6.count)
        while let line = lines.nextLine() {
            var words = line
            guard let name = words.next(), let value = words.next(), words.next() == nil else { continue }
            if line.isText(name, "Ip6OutNoRoutes") {
                ip6OutNoRoutes = line.number(value)
            } else if line.isText(name, "Udp6OutDatagrams") {
                udp6OutDatagrams = line.number(value)
            } else if line.isText(name, "UdpLite6OutDatagrams") {
                udpLite6OutDatagrams = line.number(value)
            }
        }
    }

    /// `Group: Name Name …` and, in the next line, `Group: 1 2 …`: the numbers of some names, in the order asked for.
    private static func values(
        in text: [UInt8], of wanted: [(group: StaticString, name: StaticString)]
    ) -> [UInt64?] {
        var values = [UInt64?](repeating: nil, count: wanted.count)
        var lines = Words(text, 0..<text.count)
        var heading: (line: Words, group: Range<Int>)?
        while let line = lines.nextLine() {
            var words = line
            guard let group = words.next(), let last = group.last, text[last] == UInt8(ascii: ":") else { continue }
            let name = group.lowerBound..<last
            guard wanted.contains(where: { line.isText(name, $0.group) }) else { continue }
            // The same group again: these are the numbers of the names before.
            guard let (names, first) = heading, text[first].elementsEqual(text[group]) else {
                heading = (line, group)
                continue
            }
            heading = nil
            let found = pairs(names, line)
            for (index, (_, counter)) in wanted.enumerated() where line.isText(name, wanted[index].group) {
                values[index] = found.first { names.isText($0.name, counter) }.flatMap { line.number($0.value) }
            }
        }
        return values
    }

    /// The words of two lines beside each other, but for the first ones; none where one line has more.
    private static func pairs(_ names: Words, _ values: Words) -> [(name: Range<Int>, value: Range<Int>)] {
        var (names, values) = (names, values)
        var pairs: [(name: Range<Int>, value: Range<Int>)] = []
        while let name = names.next() {
            guard let value = values.next() else { return [] }
            pairs.append((name, value))
        }
        return values.next() == nil ? Array(pairs.dropFirst()) : []
    }
}

/// Walks over the words of a text, or of a line of it, without taking them out.
private struct Words {
    private let text: [UInt8]
    private var rest: Range<Int>

    init(_ text: [UInt8], _ range: Range<Int>) {
        self.text = text
        rest = range
    }

    /// The next line, without its newline; nil: that was the last.
    mutating func nextLine() -> Words? {
        guard !rest.isEmpty else { return nil }
        var end = rest.lowerBound
        while end < rest.upperBound, text[end] != UInt8(ascii: "\n") { end += 1 }
        defer { rest = min(end + 1, rest.upperBound)..<rest.upperBound }
        return Words(text, rest.lowerBound..<end)
    }

    /// Where the next word stands, between spaces and tabs; nil: there is none.
    mutating func next() -> Range<Int>? {
        var start = rest.lowerBound
        while start < rest.upperBound, isBlank(text[start]) { start += 1 }
        var end = start
        while end < rest.upperBound, !isBlank(text[end]) { end += 1 }
        rest = end..<rest.upperBound
        return start < end ? start..<end : nil
    }

    private func isBlank(_ value: UInt8) -> Bool { value == UInt8(ascii: " ") || value == UInt8(ascii: "\t") }

    func isText(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { unsafe $0.elementsEqual(self.text[range]) }
    }

    /// A decimal number that fits; nil: it is none.
    func number(_ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for digit in text[range] {
            guard digit >= 48, digit < 58 else { return nil }
            let (product, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = product.addingReportingOverflow(UInt64(digit - 48))
            guard !isOver, !isOverToo else { return nil }
            value = sum
        }
        return range.isEmpty ? nil : value
    }
}
