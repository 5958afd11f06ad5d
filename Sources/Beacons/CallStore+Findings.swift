extension CallStore {
    /// What is like a beacon, the likeliest first; what is below the threshold too, if chance alone does not make it often.
    ///
    /// Findings of one caller with one period are one, with the others named in it.
    ///
    /// - Parameter allowed: what is known to be good.
    public func findings(allowed: AllowList) -> [Finding] {
        let prevalence = Prevalence(of: self)
        var findings: [Finding] = []
        for place in index.values {
            let evidence = slots[place].evidence
            guard evidence.beats >= UInt32(BeatAnalysis.fewestBeats), isWorthALook(at: place),
                evidence.best != nil || BeatAnalysis.mayHaveRhythm(evidence.times.seconds),
                let analysis = evidence.analysis,
                let finding = finding(analysis, at: place, allowed: allowed, prevalence: prevalence)
            else { continue }
            findings.append(finding)
        }
        findings.sort(by: Finding.isBefore)
        return Finding.folded(withoutEchoes(findings))
    }

    /// What kind of key it is at a place.
    func scope(at place: Int) -> Finding.Scope {
        let key = slots[place].key
        return callers[key.caller] == .anyone
            ? .manyCallers : destinations[key.destination] == .anywhere ? .manyDestinations : .pair
    }

    /// Whether what is at a place could be a finding of its own.
    func isWorthALook(at place: Int) -> Bool {
        let evidence = slots[place].evidence
        switch scope(at: place) {
        case .pair: return true
        // Whoever has a service is called by many.
        case .manyCallers where 2 * evidence.inbound > evidence.calls: return false
        // Where one member makes most of the calls, it is looked at itself.
        case .manyCallers, .manyDestinations: return evidence.members.commonest?.share ?? 0 <= 0.5
        }
    }

    /// The finding at a place, of what was found in its times; nil: chance makes that often.
    func finding(_ analysis: BeatAnalysis, at place: Int, allowed: AllowList, prevalence: Prevalence) -> Finding? {
        let slot = slots[place]
        let evidence = slot.evidence
        guard analysis.evidence > 3, let caller = callers[slot.key.caller],
            let destination = destinations[slot.key.destination]
        else { return nil }
        let scope = scope(at: place)
        let traits = traits[slot.key.caller] ?? CallerTraits()
        let common = evidence.sizes.commonest
        var finding = Finding(
            scope: scope, caller: caller, destination: destination, traits: traits, analysis: analysis,
            score: BeaconScore(analysis, of: evidence), modifiers: [], calls: Int(evidence.beats),
            firstMilliseconds: evidence.first, lastMilliseconds: evidence.last,
            endings: Dictionary(
                uniqueKeysWithValues: Call.Ending.allCases.map { ($0, evidence.count($0)) }.filter { $0.1 > 0 }))
        if evidence.sized > 0, !analysis.isOfOneFlow, let common {
            finding.commonSizeBytes = Int(common.value)
            finding.commonSizeShare = common.share
        }
        let callersHere = prevalence.callers[slot.key.destination] ?? 1
        finding.modifiers = Modifier.all(
            for: Circumstances(
                caller: caller, destination: destination, traits: traits, evidence: evidence, analysis: analysis,
                callers: callersHere, hosts: prevalence.hosts[slot.key.destination]?.count ?? 1,
                allHosts: prevalence.allHosts, secondsBefore: Double(evidence.first - (first ?? evidence.first)) / 1000)
        )
        if let modifier = allowed.modifier(caller: caller, traits: traits, destination: destination) {
            finding.modifiers.append(modifier)
        }
        return finding
    }

    /// Leaves out roll-ups that only repeat a pair that is at least as likely.
    private func withoutEchoes(_ findings: [Finding]) -> [Finding] {
        var byCaller: [Caller: Double] = [:]
        var byDestination: [Destination: Double] = [:]
        for finding in findings where finding.scope == .pair {
            byCaller[finding.caller] = max(byCaller[finding.caller] ?? 0, finding.value)
            byDestination[finding.destination] = max(byDestination[finding.destination] ?? 0, finding.value)
        }
        return findings.filter { finding in
            switch finding.scope {
            case .pair: true
            case .manyDestinations: byCaller[finding.caller] ?? -1 < finding.value
            case .manyCallers: byDestination[finding.destination] ?? -1 < finding.value
            }
        }
    }
}

/// How many call a destination.
struct Prevalence {
    /// Callers by the destination's number.
    private(set) var callers: [UInt32: Int] = [:]
    /// Hosts by the destination's number.
    private(set) var hosts: [UInt32: Set<String>] = [:]
    /// Hosts in all.
    private(set) var allHosts = 0

    /// Counts the callers of one destination of one host, as it is traced.
    init(callers: Int, of destination: UInt32) { self.callers = [destination: callers] }

    /// Counts in all keys.
    init(of store: CallStore) {
        var all: Set<String> = []
        for (key, place) in store.index {
            let evidence = store.slots[place].evidence
            // Who calls from outside is none of ours.
            guard let caller = store.callers[key.caller], caller != .anyone,
                store.destinations[key.destination] != .anywhere, 2 * evidence.inbound <= evidence.calls
            else { continue }
            let host = caller.kind == .host ? caller.identity : caller.host
            callers[key.destination, default: 0] += 1
            hosts[key.destination, default: []].insert(host)
            all.insert(host)
        }
        allHosts = all.count
    }
}

extension Finding {
    /// By the score; where that is the same, by the number of calls and then by name, so that the order is always the same.
    static func isBefore(_ one: Finding, _ other: Finding) -> Bool {
        if one.value != other.value { return one.value > other.value }
        if one.calls != other.calls { return one.calls > other.calls }
        return (one.caller.identity, "\(one.destination)") < (other.caller.identity, "\(other.destination)")
    }

    /// Makes one of those of a caller that have one period.
    ///
    /// - Parameter findings: the likeliest first.
    static func folded(_ findings: [Finding]) -> [Finding] {
        var result: [Finding] = []
        var places: [Caller: [Int]] = [:]
        for finding in findings {
            guard finding.scope == .pair, finding.analysis.evidence > 6 else {
                result.append(finding)
                continue
            }
            let same = places[finding.caller, default: []].first { result[$0].hasSamePeriod(as: finding) }
            if let same {
                result[same].alike.append(finding.destination)
            } else {
                places[finding.caller, default: []].append(result.count)
                result.append(finding)
            }
        }
        return result
    }

    func hasSamePeriod(as other: Finding) -> Bool {
        let (one, two) = (analysis.rhythm, other.analysis.rhythm)
        guard destination.port == other.destination.port, destination.transport == other.destination.transport,
            one.spread < 0.1, two.spread < 0.1
        else { return false }
        return abs(one.periodSeconds - two.periodSeconds) < 0.02 * one.periodSeconds
    }
}
