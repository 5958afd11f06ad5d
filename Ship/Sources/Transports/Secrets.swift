internal import Delivery
internal import ShipSettings

/// What must not stand in a message, also where a receiver repeats it.
struct Secrets: Sendable {
    private let texts: [String]
    /// Shorter ones are in any text.
    private static let shortest = 4

    init(_ credentials: Credentials) {
        let texts: [String] =
            switch credentials {
            case .none: []
            case .basic(let user, let password):
                [base64(Array("\(user):\(password.revealed)".utf8)), password.revealed]
            case .token(let secret), .apiKey(let secret): [secret.revealed]
            }
        self.texts = texts.filter { $0.utf8.count >= Self.shortest }
    }

    /// A text without them, and without the beginning of one at its end: what a receiver says is cut to a length.
    func masked(_ text: String) -> String {
        var text = text
        for secret in texts {
            text.replace(secret, with: "***")
            for length in (Self.shortest..<secret.utf8.count).reversed()
            where text.utf8.suffix(length).elementsEqual(secret.utf8.prefix(length)) {
                text = String(decoding: text.utf8.dropLast(length), as: UTF8.self) + "***"
                break
            }
        }
        return text
    }

    /// A result without them.
    func masked(_ result: DeliveryResult) -> DeliveryResult {
        guard !texts.isEmpty else { return result }
        let records = { (records: [RejectedRecord]) in
            records.map { record in
                var record = record
                record.reason = masked(record.reason)
                return record
            }
        }
        switch result {
        case .acknowledged(let rejected): return .acknowledged(rejected: records(rejected))
        case .partly(let retry, let rejected, let delay):
            return .partly(retry: retry, rejected: records(rejected), delay: delay)
        case .tooLarge: return .tooLarge
        case .outage(var outage):
            outage.message = masked(outage.message)
            return .outage(outage)
        }
    }
}

/// RFC 4648.
func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let word = group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
        for place in 0..<4 {
            text.append(place <= group.count ? alphabet[Int(word >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}
