public import ArgumentParser
internal import Capture
public import Conversion
internal import Glibc
internal import Model
public import Records
public import TraceSession

extension TraceOptions.Format: ExpressibleByArgument {}
extension LogConverter.Form: ExpressibleByArgument {}
extension RecordSchema: ExpressibleByArgument {}

/// `--hooks`.
enum HookChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case trampoline
    case kprobe
    case tracepoint

    /// The set to force; nil: the best that works.
    var hookSet: HookSet? { HookSet(rawValue: rawValue) }
}

/// `--proto`.
enum ProtocolName: String, ExpressibleByArgument, CaseIterable {
    case tcp
    case udp
}

/// A time with its unit: `500ms`, `30s`, `5m`, `2h`, `7d`, `0`; no unit: seconds.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration
    private let text: String

    init(_ duration: Duration) {
        self.duration = duration
        text = "\(duration.components.seconds)s"
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number.isFinite else { return nil }
        let seconds: Double
        switch argument.dropFirst(digits.count) {
        case "ms": seconds = number / 1000
        case "s", "": seconds = number
        case "m": seconds = number * 60
        case "h": seconds = number * 3600
        case "d": seconds = number * 86_400
        default: return nil
        }
        // A hundred years: more would not fit in nanoseconds.
        guard seconds <= 3_153_600_000 else { return nil }
        duration = .seconds(seconds)
        text = argument
    }

    var defaultValueDescription: String { text }
}

/// A number of bytes: `64KiB`, `8MiB`, `10GB`; no unit: bytes.
struct ByteCount: CustomStringConvertible {
    let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    /// A number of bytes with a unit or without; nil when it is none.
    init?(limit argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let unit: Int
        switch argument.dropFirst(digits.count) {
        case "": unit = 1
        case "kB", "KB": unit = 1000
        case "KiB", "K", "k": unit = 1 << 10
        case "MB": unit = 1_000_000
        case "MiB", "M": unit = 1 << 20
        case "GB": unit = 1_000_000_000
        case "GiB", "G": unit = 1 << 30
        case "TB": unit = 1_000_000_000_000
        case "TiB", "T": unit = 1 << 40
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    /// The size of a ring buffer; nil when it cannot be one.
    init?(argument: String) {
        // BPF_MAP_TYPE_RINGBUF: a power of two, a multiple of the page; its size field has 32 bits.
        guard let size = ByteCount(limit: argument), size.bytes >= Int(sysconf(Int32(_SC_PAGESIZE))),
            size.bytes <= 1 << 30, size.bytes & (size.bytes - 1) == 0
        else { return nil }
        self = size
    }

    var description: String { "\(bytes >> 20)MiB" }
}

extension AddressPrefix {
    /// An address, or a block in CIDR notation whose host bits are ignored.
    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(text: String(parts[0])) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        guard let length = parts.count == 1 ? width : parts[1].allSatisfy(\.isNumber) ? Int(parts[1]) : nil else {
            return nil
        }
        self.init(address: address, length: length)
    }
}

extension IPAddress {
    /// Reads a dotted quad or an IPv6 address, as inet_pton(3) does.
    init?(text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        // inet_pton writes four or sixteen bytes.
        if unsafe inet_pton(AF_INET, text, &v4) == 1 {
            self = .v4(UInt32(bigEndian: v4.s_addr))
        } else if unsafe inet_pton(AF_INET6, text, &v6) == 1 {
            self = unsafe withUnsafeBytes(of: v6) { bytes in
                // Sixteen bytes: two numbers.
                IPAddress(
                    mappedHigh: UInt64(bigEndian: unsafe bytes.loadUnaligned(as: UInt64.self)),
                    low: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        } else {
            return nil
        }
    }
}
