internal import Model

func attempt(
    _ id: UInt64, _ phase: AttemptPhase, _ outcome: Outcome, at started: UInt64 = 1000, observed: UInt64? = nil,
    transport: Transport = .tcp, generation: UInt64 = 0, sequence: UInt64 = 1
) -> Attempt {
    Attempt(
        id: id, reference: RecordReference(cpu: 0, hook: 4, sequence: sequence), phase: phase,
        startedBootNanoseconds: started, observedBootNanoseconds: observed ?? started + 10,
        process: ProcessIdentity(pid: 7, startBootNanoseconds: 1), threadID: 7, threadName: ThreadName("t".utf8),
        userID: 0, transport: transport, destination: Endpoint(address: .v4(0x7f00_0001), port: 9), outcome: outcome,
        socketKey: 99, socketGeneration: generation)
}

func program(_ name: String) -> Program { Program(name: ThreadName(name.utf8), path: []) }

let somebody = Attribution(
    process: ProcessFacts(
        identity: ProcessIdentity(pid: 7, startBootNanoseconds: 1), program: program("somebody"),
        source: .kernel))

let nobody = Attribution(
    process: ProcessFacts(
        identity: ProcessIdentity(pid: 7, startBootNanoseconds: 1), program: program("nobody"),
        source: .partial))

/// An event in short: `attempted 1 pending`.
func short(_ event: TraceEvent) -> String {
    switch event {
    case .attempted(let event): "attempted \(event.attempt.id) \(event.attempt.outcome)"
    case .beacon(let event): "beacon \(event.attempt.id)"
    case .resolved(let event): "resolved \(event.attempt.id) \(event.attempt.outcome)"
    case .disconnected(let event):
        switch event.traffic {
        case .connection(let close): "closed \(event.attempt.id) \(close.bytesSent)"
        case .flow(let counters): "ended \(event.attempt.id) \(counters.datagrams)+\(counters.failures)"
        }
    case .existing, .aggregated, .started, .lost, .heartbeat, .stopped: "other"
    }
}
