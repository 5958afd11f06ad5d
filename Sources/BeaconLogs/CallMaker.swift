internal import Beacons
internal import Model

/// Makes calls of rows.
struct CallMaker {
    /// Names that other logs of the sensor have for connections, by the hash of the connection's id.
    private var names: [UInt64: String] = [:]
    /// More than these are not remembered: 64 bytes each.
    private static let mostNames = 1 << 20
    /// Names that were not remembered.
    private(set) var forgottenNames = 0

    /// What comes of a row.
    enum Made {
        case call(Call, traits: CallerTraits?, packetBytes: UInt64?)
        /// It tells of something else.
        case none
    }

    /// Why a row is no call.
    struct Refusal: Error {
        var reason: String
    }

    /// Remembers the name that a row of Zeek's `http` or `ssl` has for a connection.
    mutating func remember(_ row: Row) {
        guard let id = row.raw(.connectionID), let name = Self.domain(row) else { return }
        guard names.count < Self.mostNames else {
            forgottenNames += 1
            return
        }
        names[Self.hash(id)] = name
    }

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - isName: whether the row is about a name that is asked for, as in Zeek's `dns`.
    func make(_ row: Row, isName: Bool) throws(Refusal) -> Made {
        if let code = row.number(.eventCode), code != 3 { return .none }
        let isOCSF = row.has(.classID)
        if isOCSF, !Self.isAttemptInOCSF(row) { return .none }
        guard row.has(.time) || row.has(.destination) else { return .none }
        guard let time = ((isOCSF ? row.raw(.start) : nil) ?? row.raw(.time)).flatMap(TimeText.nanoseconds) else {
            throw Refusal(reason: "it has no time")
        }
        if row.flag(.isInitiated) == false || Self.isAfterwards(row) { return .none }
        guard let caller = caller(row) else { throw Refusal(reason: "it does not say who") }
        let port = UInt16(clamping: row.number(.port) ?? 0)
        let transport = CallWords.transport(row)
        let address = row.address(.destination)
        let place: Destination.Place
        if isName {
            guard let query = row.text(.query) else { return .none }
            place = .domain(Self.registered(query.lowercased()))
        } else if let domain = Self.domain(row) ?? name(row) {
            place = .domain(domain)
        } else if let address {
            place = .address(address)
        } else {
            throw Refusal(reason: "it has no destination")
        }
        let state = row.raw(.ending)
        let isHeld = transport == .tcp && state?.spells("OTH") == true
        let byCode = CallWords.ending(row.raw(.errorCode))
        // What the kernel took of a datagram says nothing of the other end.
        let isSent = isOCSF && transport != .tcp && row.number(.activityID) == 6
        let byState = isSent ? .unknown : CallWords.ending(state)
        let call = Call(
            caller: caller, destination: Destination(place, port: port, transport: transport), nanoseconds: time,
            ending: byCode == .unknown ? byState : byCode, bytesSent: row.number(.bytesSent),
            seconds: transport == .tcp && !isOCSF
                ? row.raw(.seconds).flatMap { Double(String(decoding: $0, as: UTF8.self)) } : nil,
            isInbound: Self.isInbound(row, address), isOnHeldConnection: isHeld || (row.number(.depth) ?? 1) > 1,
            isResolution: isOCSF && row.raw(.recordID)?.suffix(2).spells("-r") == true)
        return .call(call, traits: isOCSF ? CallerTraits(row) : nil, packetBytes: row.number(.packetBytesSent))
    }

    /// The name that another log has for the row's connection.
    private func name(_ row: Row) -> String? {
        names.isEmpty ? nil : row.raw(.connectionID).flatMap { names[Self.hash($0)] }
    }

    /// Whether it tells of an attempt of which it is known how it ended: class 4001, Network Activity.
    ///
    /// Open, Fail, Refuse and, of datagrams, Traffic are such. Reset and Traffic may also be an end, and any of them several
    /// attempts in one, as tattle's id says.
    private static func isAttemptInOCSF(_ row: Row) -> Bool {
        guard row.number(.classID) == 4001 else { return false }
        switch row.number(.activityID) {
        case nil, 1, 3, 4, 5, 6: return row.raw(.recordID).map { !isOfNoAttempt($0) } ?? true
        default: return false
        }
    }

    /// Whether an id is tattle's, of the end of a connection (`…-d`) or of a flow (`…-d10`), or of a record of its own (`…-u-0`).
    private static func isOfNoAttempt(_ id: ArraySlice<UInt8>) -> Bool {
        let parts = id.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        // Sixteen digits of the run.
        guard parts.count > 2, parts[0].count == 16, let last = parts.last else { return false }
        return last.first == UInt8(ascii: "d") || parts[parts.count - 2].spells("u")
    }

    /// Whether it tells of what became of an attempt that another row told of: Elastic's names, which are tattle's too.
    private static func isAfterwards(_ row: Row) -> Bool {
        guard let action = row.text(.action) else { return false }
        return ["connection_resolved", "connection_existing", "disconnect_received", "connection_accepted"].contains(
            action)
    }

    private func caller(_ row: Row) -> Caller? {
        if let script = row.text(.script) { return Caller(.script, script, host: row.text(.host) ?? "") }
        if let executable = row.text(.executable) ?? row.text(.program) {
            var hash = row.text(.hash) ?? ""
            // Sysmon: `SHA1=…,SHA256=…`.
            if let sha = hash.split(separator: ",").first(where: { $0.hasPrefix("SHA256=") }) {
                hash = String(sha.dropFirst(7))
            }
            return Caller(.program, executable, hash: hash, host: row.text(.host) ?? row.text(.source) ?? "")
        }
        return (row.text(.source) ?? row.text(.host)).map { Caller(.host, $0) }
    }

    /// The name, without the port that a proxy is told.
    private static func domain(_ row: Row) -> String? {
        guard var name = row.text(.domain)?.lowercased() else { return nil }
        if let colon = name.lastIndex(of: ":"), name[colon...].dropFirst().allSatisfy(\.isNumber),
            colon > name.startIndex
        {
            name = String(name[..<colon])
        }
        if name.hasSuffix(".") { name.removeLast() }
        return name.isEmpty || IPAddress(ascii: Array(name.utf8)) != nil ? nil : name
    }

    /// What of a name somebody registered, as far as its form tells: two labels, or three where the last but one is short.
    private static func registered(_ name: String) -> String {
        let labels = name.split(separator: ".")
        guard labels.count > 2, let last = labels.last else { return name }
        let isSecondShort = last.count == 2 && labels[labels.count - 2].count <= 3
        return labels.suffix(isSecondShort ? 3 : 2).joined(separator: ".")
    }

    /// Whether it came from outside: as the log says, else by the addresses.
    private static func isInbound(_ row: Row, _ destination: IPAddress?) -> Bool {
        if let isOurs = row.flag(.isLocalSource), let isToUs = row.flag(.isLocalDestination) {
            return !isOurs && isToUs
        }
        guard let destination, let source = row.address(.source) else { return false }
        return AddressKind(source) == .external && AddressKind(destination) == .internal
    }

    /// FNV-1a.
    private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
