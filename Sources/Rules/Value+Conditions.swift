internal import Model
internal import TOML

/// What conditions are compared with.
extension Value {
    /// A time with its unit: `"30s"`, `"5m"`, `"2h"`.
    func nanoseconds() throws(Problem) -> UInt64 {
        if case .string(let text) = content {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            let units: [Substring: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
            if let number = UInt64(digits), let unit = units[text.dropFirst(digits.count)], number > 0,
                number <= 604_800 / unit
            {
                return number * unit * 1_000_000_000
            }
        }
        throw Problem(position, "window is a time from \"1s\" to \"7d\", as \"30s\", \"5m\", \"2h\"")
    }

    /// An address, or a block in CIDR notation.
    func block() throws(Problem) -> AddressPrefix {
        guard case .string(let text) = content else {
            throw Problem(position, "to is an address or a block in quotes, as \"10.0.0.0/8\"")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let address = IPAddress(ascii: Array(first.utf8)) else {
            throw Problem(position, "'\(text)' is no address and no block such as 10.0.0.0/8 or 2001:db8::/32")
        }
        let width = address.isIPv4 ? 32 : 128
        guard parts.count == 2 else {
            guard let block = AddressPrefix(address: address, length: width) else {
                throw Problem(position, "'\(text)' is no address")
            }
            return block
        }
        guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(parts[1]),
            let block = AddressPrefix(address: address, length: length)
        else { throw Problem(position, "'\(text)': the length of a block is 0 to \(width)") }
        guard block.address == address else {
            throw Problem(position, "'\(text)' has bits beyond its length; the block is \(block)")
        }
        return block
    }

    /// A port, or a range of them.
    func ports() throws(Problem) -> ClosedRange<UInt16> {
        switch content {
        case .integer(let number):
            if let port = UInt16(exactly: number) { return port...port }
        case .string(let text):
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end in
                end.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(end) : nil
            }
            if ends.count == 2, let first = ends[0], let last = ends[1], first <= last { return first...last }
        case .boolean, .array: break
        }
        throw Problem(position, "port is a number from 0 to 65535, or a range in quotes, as \"8000-8099\"")
    }

    /// A protocol by name, or by number.
    func protocolCondition() throws(Problem) -> ProtocolCondition {
        switch content {
        case .integer(let number):
            if let number = UInt8(exactly: number) { return .ip(UInt16(number)) }
        case .string(let name):
            if let condition = ProtocolCondition(name: name) { return condition }
        case .boolean, .array: break
        }
        throw Problem(
            position, "protocol is a number from 0 to 255, or one of \(ProtocolCondition.names.joined(separator: ", "))"
        )
    }

    /// A result, or an outcome that several results have.
    func results() throws(Problem) -> [AttemptResult] {
        if case .string(let word) = content {
            switch word {
            case "success": return [.established, .sent]
            case "unknown": return [.pending]
            case "failure": return AttemptResult.allCases.filter { ![.established, .sent, .pending].contains($0) }
            default: if let result = AttemptResult(rawValue: word) { return [result] }
            }
        }
        let words = ["success", "failure", "unknown"] + AttemptResult.allCases.map(\.rawValue)
        throw Problem(position, "outcome is one of \(words.joined(separator: ", "))")
    }
}
