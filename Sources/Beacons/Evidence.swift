internal import Glibc

/// What is kept of the calls of one caller to one destination: as much for a million calls as for a hundred.
struct Evidence {
    private(set) var times = CallTimes()
    /// Calls in all.
    private(set) var calls: UInt32 = 0
    /// Milliseconds since 1970.
    private(set) var first: Int64 = .max
    private(set) var last: Int64 = .min
    private var endings = Shares()
    private(set) var inbound: UInt32 = 0
    private(set) var held: UInt32 = 0
    private(set) var sizes = CommonValues()
    private(set) var sized: UInt32 = 0
    /// Bytes that came on held connections, in all.
    private(set) var received: Float = 0
    /// Of the connections' lengths, seconds.
    private(set) var lengths = RunningMean()
    /// Of a roll-up, which members made the last calls.
    private(set) var members = CommonValues()
    /// The best that was found in times that are forgotten: few keys have one.
    private var kept: Kept?
    /// How often times were looked at before they were forgotten.
    private var looks: UInt16 = 0

    private final class Kept: Sendable {
        let analysis: BeatAnalysis
        /// Of a flow, when its last send was, milliseconds since 1970.
        let last: Int64?

        init(_ analysis: BeatAnalysis, last: Int64? = nil) {
            self.analysis = analysis
            self.last = last
        }
    }

    /// The best that was found in times that are forgotten; nil: nothing was.
    var best: BeatAnalysis? { kept?.analysis }

    /// From this evidence on only each eighth look is made.
    private static let certain = 60.0

    /// After how many calls the times are looked at again, before they are forgotten.
    static let turn: UInt32 = UInt32(CallTimes.limit / 2)

    /// Takes a call.
    ///
    /// - Parameters:
    ///   - member: of a roll-up, what tells its members apart.
    ///   - looks: whether times are looked at before they are forgotten; if not, ``look()`` does it.
    /// - Returns: whether its time could be put in order.
    mutating func add(_ call: Call, member: UInt32? = nil, looks: Bool = true) -> Bool {
        let milliseconds = call.milliseconds
        if times.isOutnumbered(with: milliseconds) {
            if looks { keepBest() }
            times.removeAll()
            last = milliseconds
        }
        let isInOrder = times.insert(milliseconds: milliseconds)
        calls &+= 1
        first = min(first, milliseconds)
        last = max(last, milliseconds)
        endings.add(Int(call.ending.rawValue))
        if call.isInbound { inbound &+= 1 }
        if call.isOnHeldConnection { held &+= 1 }
        if let bytes = call.bytesReceived { received += Float(bytes) }
        if let bytes = call.bytesSent {
            sizes.add(UInt32(clamping: bytes))
            sized &+= 1
        }
        if let seconds = call.seconds { lengths.add(seconds) }
        if let member { members.add(member, within: UInt16(CallTimes.limit)) }
        if looks, calls >= UInt32(CallTimes.limit), calls % Self.turn == 0 { keepBest() }
        return isInOrder
    }

    /// Takes how a call ended that was taken before; false: there is none at that time of which it is not known.
    mutating func resolve(_ call: Call) -> Bool {
        times.contains(milliseconds: call.milliseconds)
            && endings.move(from: Int(Call.Ending.unknown.rawValue), to: Int(call.ending.rawValue))
    }

    /// Takes what was found in what was counted of a flow, whose first send was a call.
    ///
    /// - Parameter last: when its last send was, milliseconds since 1970.
    mutating func add(_ analysis: BeatAnalysis, ofFlowUntil last: Int64) {
        self.last = max(self.last, last)
        if looks < .max { looks += 1 }
        if analysis.evidence > best?.evidence ?? 0 { kept = Kept(analysis, last: last) }
    }

    /// Calls; or what was sent in the best flow, where that is more.
    var beats: UInt32 {
        guard let best, best.isOfOneFlow else { return calls }
        return max(calls, UInt32(clamping: best.beats))
    }

    private mutating func keepBest() {
        // What is certain needs no more proof each time.
        if let best, best.evidence > Self.certain, calls / Self.turn % 8 != 0 { return }
        if looks < .max { looks += 1 }
        // Where one member makes most of the calls, it is looked at itself.
        guard members.commonest?.share ?? 0 <= 0.5 else { return }
        let seconds = times.seconds
        guard BeatAnalysis.mayHaveRhythm(seconds) else { return }
        guard let analysis = BeatAnalysis(times: seconds, resolution: resolution) else { return }
        if analysis.evidence > best?.evidence ?? 0 { kept = Kept(analysis) }
    }

    /// Of the times, seconds.
    var resolution: Double { Double(times.step) / 1000 }

    /// How many calls ended so.
    func count(_ ending: Call.Ending) -> Int { endings.count(Int(ending.rawValue), of: calls) }

    /// The best rhythm in all the times, those that are forgotten included; nil: none.
    ///
    /// Who looks often finds by chance more often.
    var analysis: BeatAnalysis? {
        better(BeatAnalysis(times: times.seconds, resolution: resolution))
    }

    /// Looks at the times that are kept, and remembers the best once some are forgotten.
    ///
    /// - Returns: the best rhythm of all the times, and whether the last ones have one as well.
    mutating func look() -> (analysis: BeatAnalysis, isCurrent: Bool)? {
        let seconds = times.seconds
        let now =
            BeatAnalysis.mayHaveRhythm(seconds) ? BeatAnalysis(times: seconds, resolution: resolution) : nil
        if calls >= UInt32(CallTimes.limit) {
            if looks < .max { looks += 1 }
            if let now, now.evidence > best?.evidence ?? 0 { kept = Kept(now) }
        }
        // A flow goes on until its end is told, which may be a minute later.
        let isFlowing = kept?.last.map { last - $0 < 60_000 } ?? false
        return better(now).map { ($0, isFlowing || (now?.evidence ?? 0) > 6) }
    }

    private func better(_ now: BeatAnalysis?) -> BeatAnalysis? {
        guard looks > 0 else { return now }
        guard let now, now.evidence >= best?.evidence ?? 0 else { return best.map(discounted) }
        return discounted(now)
    }

    private func discounted(_ analysis: BeatAnalysis) -> BeatAnalysis {
        var result = analysis
        result.evidence -= log(Double(looks) + 1)
        return result
    }
}

/// A mean and a deviation in constant memory (Welford 1962).
struct RunningMean {
    private(set) var count: Float = 0
    private(set) var mean: Float = 0
    private var squares: Float = 0

    /// Takes a value.
    mutating func add(_ value: Double) {
        count += 1
        let distance = Float(value) - mean
        mean += distance / count
        squares += distance * (Float(value) - mean)
    }

    /// The standard deviation; 0 of fewer than two values.
    var deviation: Double { count > 1 ? Double(max(squares, 0) / (count - 1)).squareRoot() : 0 }
}
