import Foundation
import Model
import Testing

@testable import Records

@Suite("Numbers, addresses, times")
struct NumberTests {
    @Test("decimals of every length are those of the standard library")
    func decimals() {
        var values: [UInt64] = [0, .max]
        var power: UInt64 = 1
        for _ in 0..<20 {
            values += [power, power &- 1, power &+ 1, power &* 9]
            power = power &* 10
        }
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<4000 { values.append(generator.next() >> UInt64.random(in: 0..<64, using: &generator)) }
        #expect(values.allSatisfy { value in written { $0.decimal(value) } == String(value) })
        #expect((0..<12_000).allSatisfy { value in written { $0.decimal(UInt32(value)) } == String(value) })
        #expect(written { $0.signed(.min) } == "-2147483648")
        #expect(written { $0.hexadecimal(0x0123_4567_89ab_cdef) } == "0123456789abcdef")
    }

    @Test("IPv4 is written as the C library does", arguments: [0, 8, 16, 24])
    func octets(shift: UInt32) {
        for octet in UInt32(0)...255 {
            let address = IPAddress.v4(octet << shift | 0x0102_0304 & ~(255 << shift))
            let text = written { $0.address(address) }
            #expect(parseAddress(text) == address)
            #expect(text == address.description)
        }
    }

    @Test("an address is written as itself, whichever were written before it")
    func recentAddresses() throws {
        let addresses: [IPAddress] = [
            .v4(0), .v4(0x7f00_0001), .v4(0xffff_ffff), .v4(0x0102_0304), .v6(high: 0, low: 0),
            .v6(high: 0, low: 0x7f00_0001), .v6(high: .max, low: .max),
        ]
        var generator = SeededGenerator(seed: 4)
        let order = (0..<2000).compactMap { _ in addresses.randomElement(using: &generator) }
        let text = written { buffer in
            for address in order {
                buffer.address(address)
                buffer.byte(UInt8(ascii: " "))
            }
        }
        #expect(text == order.map { "\($0) " }.joined())
    }

    @Test(
        "IPv6 is written as RFC 5952 wants",
        arguments: [
            ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
            ("2001:0db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:DB8::A", "2001:db8::a"), ("::", "::"), ("::1", "::1"),
            ("1::", "1::"), ("fe80:0:0:0:0:0:0:1", "fe80::1"), ("1:0:0:0:0:0:0:0", "1::"),
            ("0:0:0:0:0:0:2:3", "::2:3"), ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func groups(input: String, output: String) throws {
        let address = try #require(parseAddress(input))
        #expect(written { $0.address(address) } == output)
    }

    @Test("times are those of gmtime_r: days all the way to 2262, and any nanosecond")
    func times() {
        var generator = SeededGenerator(seed: 3)
        var seconds = (0..<13_343).map { Int64($0) * 8 * 86_400 + Int64.random(in: 0..<86_400, using: &generator) }
        seconds += (1970..<2262).flatMap { year in
            [59, 60, 61].map { Int64(Double(year - 1970) * 365.2425 + Double($0)) * 86_400 }
        }
        seconds += [951_782_399, 951_782_400, 951_868_800, 1_709_164_800, 4_107_542_400, 0, 9_223_372_035]
        for second in seconds {
            let fraction = Int64.random(in: 0..<1_000_000_000, using: &generator)
            let boot = UInt64.random(in: 0...UInt64(second * 1_000_000_000 + fraction), using: &generator)
            let clock = WallClock(offsetNanoseconds: second * 1_000_000_000 + fraction - Int64(boot))
            let expected = utc(second) + "." + padded(Int32(fraction), 9) + "Z"
            let text = written { $0.timestamp(boot, clock) }
            if text != expected {
                Issue.record("\(text) is not \(expected)")
                return
            }
        }
    }

    /// The C library's date and time of a second.
    private func utc(_ second: Int64) -> String {
        var time = time_t(second)
        var parts = unsafe tm()
        // Both live through the call; the zone's name in it is not touched.
        unsafe gmtime_r(&time, &parts)
        let date = unsafe [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
        let clock = unsafe [padded(parts.tm_hour, 2), padded(parts.tm_min, 2), padded(parts.tm_sec, 2)]
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":")
    }

    private func padded(_ value: Int32, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(count - text.count, 0)) + text
    }

    @Test("a time out of range is the nearest one within")
    func outOfRange() {
        let clock = WallClock(offsetNanoseconds: -5)
        #expect(written { $0.timestamp(0, clock) } == "1970-01-01T00:00:00.000000000Z")
        let late = WallClock(offsetNanoseconds: .max)
        #expect(written { $0.timestamp(.max, late) } == "2262-04-11T23:47:16.854775807Z")
    }

    @Test("each errno has the C library's words and name")
    func errors() {
        for number in Int32(1)...133 {
            let entry = ErrorNumber.entry(number)
            if number == 41 || number == 58 {
                #expect(entry == nil)
                continue
            }
            // strerror gives a string for every number.
            let words = unsafe String(cString: strerror(number))
            #expect(entry.map { "\($0.meaning)" } == words)
        }
        #expect(ErrorNumber.entry(0) == nil && ErrorNumber.entry(134) == nil && ErrorNumber.entry(-1) == nil)
        let names: [(Int32, String)] = [
            (EPERM, "EPERM"), (EINTR, "EINTR"), (EIO, "EIO"), (EAGAIN, "EAGAIN"), (ENOMEM, "ENOMEM"),
            (EACCES, "EACCES"), (EINVAL, "EINVAL"), (ENOSPC, "ENOSPC"), (EPIPE, "EPIPE"), (ERANGE, "ERANGE"),
            (EDEADLK, "EDEADLK"), (ENOSYS, "ENOSYS"), (ELOOP, "ELOOP"), (ENONET, "ENONET"), (EPROTO, "EPROTO"),
            (EILSEQ, "EILSEQ"), (ENOTSOCK, "ENOTSOCK"), (EMSGSIZE, "EMSGSIZE"), (EPROTONOSUPPORT, "EPROTONOSUPPORT"),
            (EOPNOTSUPP, "EOPNOTSUPP"), (EAFNOSUPPORT, "EAFNOSUPPORT"), (EADDRINUSE, "EADDRINUSE"),
            (EADDRNOTAVAIL, "EADDRNOTAVAIL"), (ENETDOWN, "ENETDOWN"), (ENETUNREACH, "ENETUNREACH"),
            (ECONNABORTED, "ECONNABORTED"), (ECONNRESET, "ECONNRESET"), (ENOBUFS, "ENOBUFS"), (EISCONN, "EISCONN"),
            (ETIMEDOUT, "ETIMEDOUT"), (ECONNREFUSED, "ECONNREFUSED"), (EHOSTDOWN, "EHOSTDOWN"),
            (EHOSTUNREACH, "EHOSTUNREACH"), (EALREADY, "EALREADY"), (EINPROGRESS, "EINPROGRESS"),
            (ECANCELED, "ECANCELED"), (ENOKEY, "ENOKEY"), (EKEYREJECTED, "EKEYREJECTED"), (EHWPOISON, "EHWPOISON"),
        ]
        for (number, name) in names { #expect(ErrorNumber.entry(number).map { "\($0.name)" } == name) }
    }

    @Test("results and outcomes follow the errno")
    func results() throws {
        let cases: [(Outcome, String, String)] = [
            (.pending, "pending", "unknown"), (.established, "established", "success"), (.sent, "sent", "success"),
            (.aborted, "aborted", "failure"), (.failed(errno: ECONNREFUSED), "refused", "failure"),
            (.failed(errno: ETIMEDOUT), "timed_out", "failure"),
            (.failed(errno: ENETUNREACH), "unreachable", "failure"),
            (.failed(errno: EHOSTUNREACH), "unreachable", "failure"),
            (.failed(errno: ENETDOWN), "unreachable", "failure"),
            (.failed(errno: EHOSTDOWN), "unreachable", "failure"), (.failed(errno: ENONET), "unreachable", "failure"),
            (.failed(errno: EACCES), "denied", "failure"), (.failed(errno: EPERM), "denied", "failure"),
            (.failed(errno: ECONNRESET), "reset", "failure"), (.failed(errno: EINVAL), "failed", "failure"),
        ]
        var writer = GoldenRun.ecs()
        for (outcome, result, word) in cases {
            let line = try json(&writer, .attempted(sampleEvent { $0.outcome = outcome }))
            #expect(line.string("tattle.attempt.result") == result)
            #expect(line.string("event.outcome") == word)
            #expect(AttemptResult(outcome).rawValue == result)
            #expect((line.strings("event.type") ?? []).contains("denied") == (result == "denied"))
            #expect((line["event.duration"] == nil) == (outcome == .pending))
            if case .failed = outcome {} else { #expect(line["error"] == nil) }
        }
    }

    @Test("mean and spread of a flow's gaps")
    func gaps() throws {
        // Gaps of 1 s and 3 s.
        let counters = FlowCounters(
            attemptID: 1, firstBootNanoseconds: 0, lastBootNanoseconds: 4_000_000_000, datagrams: 2, bytes: 0,
            failures: 1, gapMinimumNanoseconds: 1_000_000_000, gapMaximumNanoseconds: 3_000_000_000,
            gapSquareSum: 10_000_000_000_000)
        let gaps = try #require(FlowGaps(counters))
        #expect(gaps.meanNanoseconds == 2_000_000_000)
        #expect(gaps.deviationNanoseconds == 1_000_000_000)
        var single = counters
        (single.datagrams, single.failures) = (1, 0)
        #expect(FlowGaps(single) == nil)
    }
}
