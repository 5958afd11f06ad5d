internal import Model

/// What rules ask of a process, answered once for each program, user, control group and file, and remembered.
///
/// Most records are of a program that had one a moment ago: then nothing is compared and nothing allocated.
struct ProcessMatches {
    private struct Place {
        // Held, so that nothing else can get their addresses.
        var image: ProgramImage?
        var group: ControlGroup?
        var file: FileVerdict?
        var userID: UInt32 = 0
        /// The rules that it may meet, bit N for rule N.
        var rules: UInt64 = 0
        /// The number of its ``ProgramIdentity``; nil: nobody wanted to know yet.
        var identity: UInt32?
    }

    private static let placeCount = 1024
    /// Identities that have a number, at most.
    static let identityLimit = 65_536
    /// Bytes that their texts have in all, at most: a path may have 4 KiB, and whoever runs programs chooses it.
    static let identityTextLimit = 16 << 20

    private let rules: [Rule]
    /// Those that ask nothing of the process.
    private let unconditional: UInt64
    private var places = [Place](repeating: Place(), count: placeCount)
    private var identities: [ProgramIdentity: UInt32] = [:]
    private var identityTextBytes = 0

    init(_ rules: [Rule]) {
        self.rules = rules
        unconditional = rules.enumerated().reduce(0) { $0 | ($1.element.conditions.asksProcess ? 0 : 1 << $1.offset) }
    }

    /// Whether the next identity may be one too many; ``forget()`` makes room.
    var isFull: Bool {
        identities.count >= Self.identityLimit || identityTextBytes >= Self.identityTextLimit
    }

    /// Numbers of identities are given anew from now on.
    mutating func forget() {
        identities.removeAll()
        identityTextBytes = 0
        places = [Place](repeating: Place(), count: Self.placeCount)
    }

    /// The rules that a process may meet, bit N for rule N; nil: there is none.
    mutating func rules(for attribution: Attribution?, userID: UInt32) -> UInt64 {
        guard let attribution else { return unconditional }
        return places[place(of: attribution, userID)].rules
    }

    /// The number of a process's ``ProgramIdentity``.
    mutating func identity(of attribution: Attribution, userID: UInt32) -> UInt32 {
        let index = place(of: attribution, userID)
        if let identity = places[index].identity { return identity }
        let identity = ProgramIdentity(attribution, userID: userID)
        let number: UInt32
        if let known = identities[identity] {
            number = known
        } else {
            number = UInt32(identities.count)
            identities[identity] = number
            identityTextBytes += identity.textByteCount
        }
        places[index].identity = number
        return number
    }

    /// Where a process's program is remembered, from now on.
    private mutating func place(of attribution: Attribution, _ userID: UInt32) -> Int {
        let image = attribution.process.program.image
        // What is allocated lies at multiples of 16.
        var bits = UInt(bitPattern: ObjectIdentifier(image)) >> 4
        if let group = attribution.group { bits ^= UInt(bitPattern: ObjectIdentifier(group)) >> 3 }
        let index = Int((bits ^ bits >> 13 ^ UInt(userID)) % UInt(Self.placeCount))
        // In place: a copy would hold each of its parts once more.
        if places[index].image !== image || places[index].group !== attribution.group
            || places[index].file !== attribution.file || places[index].userID != userID
        {
            remember(attribution, image, userID, index)
        }
        return index
    }

    @inline(never)
    private mutating func remember(_ attribution: Attribution, _ image: ProgramImage, _ userID: UInt32, _ index: Int) {
        var met = unconditional
        let certain = CertainNames(attribution)
        for (bit, rule) in rules.enumerated() where rule.conditions.asksProcess {
            // What is to be written may call itself what it likes.
            let certain = rule.action == .keep ? nil : certain
            if rule.conditions.admit(attribution, userID: userID, certain: certain) { met |= 1 << bit }
        }
        places[index] = Place(
            image: image, group: attribution.group, file: attribution.file, userID: userID, rules: met)
    }
}
