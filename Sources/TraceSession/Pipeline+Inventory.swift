internal import Attribution
internal import Model

/// Sockets that were open before tattle.
extension Pipeline {
    /// Writes a socket that the inventory found, if it is wanted and older than the hooks.
    ///
    /// - Parameters:
    ///   - controlGroups: the cgroup's id of each owner, as far as it is known.
    ///   - now: CLOCK_BOOTTIME, nanoseconds.
    mutating func handle(
        _ found: SocketInventory.Found, controlGroups: [UInt32: UInt64], filter: TraceFilter, now: UInt64, emit: Emit
    ) {
        guard filter.admits(found.transport, to: found.entry.remote) else { return }
        var owner: ProcessFacts?
        for pid in found.owners where owner == nil {
            let facts = who.processes.facts(of: ProcessIdentity(pid: pid, startBootNanoseconds: 0))
            owner = facts.flatMap { filter.admits($0) ? $0 : nil }
        }
        if owner == nil, filter.namesProcesses { return }
        let group = owner.flatMap { controlGroups[$0.identity.pid] } ?? 0
        let attempt = Attempt(existing: found, owner: owner, controlGroup: group, now: now)
        if newSockets?.contains(attempt, owners: found.owners) == true { return }
        let attribution = owner.map { Attribution(process: $0, group: group == 0 ? nil : who.groups.group(group)) }
        outlet.pass(
            .existing(
                ExistingEvent(
                    attempt: attempt, attribution: attribution,
                    otherOwners: max(0, found.ownerCount - (owner == nil ? 0 : 1)), direction: found.direction,
                    state: found.state, inode: found.entry.inode)), now: now, who: who,
            to: emit)
    }
}

extension Attempt {
    /// A socket in the words of an attempt; what nobody observed is as it is now.
    fileprivate init(existing found: SocketInventory.Found, owner: ProcessFacts?, controlGroup: UInt64, now: UInt64) {
        let credentials = owner?.surroundings.credentials ?? Credentials()
        self.init(
            id: 0, reference: RecordReference(cpu: 0, hook: 0, sequence: 0), phase: .whole,
            startedBootNanoseconds: now, observedBootNanoseconds: now,
            process: owner?.identity ?? ProcessIdentity(pid: 0, startBootNanoseconds: 0),
            threadID: owner?.identity.pid ?? 0, threadName: owner?.program.name ?? ThreadName([]),
            userID: credentials.userID ?? 0, effectiveUserID: credentials.effectiveUserID,
            networkNamespace: found.namespace, cgroupID: controlGroup, transport: found.transport,
            destination: found.entry.remote, source: found.entry.local,
            outcome: found.transport == .tcp && found.state == .synSent ? .pending : .established,
            isKernelThread: owner?.isKernelThread ?? false)
    }
}

extension TraceFilter {
    /// Whether it lets pass what a process did before.
    fileprivate func admits(_ facts: ProcessFacts) -> Bool {
        admits(
            pid: facts.identity.pid, name: facts.program.name.bytes,
            userID: facts.surroundings.credentials.userID)
    }

    /// Whether it asks who it was.
    fileprivate var namesProcesses: Bool { !pids.isEmpty || !names.isEmpty || !userIDs.isEmpty }
}
