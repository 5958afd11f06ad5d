internal import CSelfTest
public import Model

/// What the process that made an attempt knows of it.
public struct Truth: Hashable, Sendable {
    /// How far it got.
    public enum Status: Hashable, Sendable {
        /// It was made.
        case made
        /// This kernel does not have it, or forbids it.
        case notAvailable
        /// Its process did not come to its end.
        case unfinished
    }

    /// What a hook set must have to see it.
    public enum Needs: Hashable, Sendable {
        /// What every set has.
        case nothing
        /// This program, and that the set sees such sockets at all: the tracepoint set does not.
        case program(String)
        /// Of the tracepoint set, this program.
        case tracepointProgram(String)
    }

    /// The kind's name, as in `tcp4-refused`.
    public var kind: String
    /// How far it got.
    public var status: Status
    /// The process, in the initial pid namespace.
    public var pid: UInt32
    /// nil: a frame that carries no IP.
    public var transport: Transport?
    /// Where it went.
    public var destination: Endpoint
    /// How it was made.
    public var via: Via
    /// How it ended, as the call said.
    public var outcome: Outcome
    /// What it takes to see it.
    public var needs: Needs

    /// Makes a truth.
    public init(
        kind: String, status: Status = .made, pid: UInt32, transport: Transport?, destination: Endpoint,
        via: Via = .syscall, outcome: Outcome, needs: Needs = .nothing
    ) {
        self.kind = kind
        self.status = status
        self.pid = pid
        self.transport = transport
        self.destination = destination
        self.via = via
        self.outcome = outcome
        self.needs = needs
    }
}

extension Truth {
    /// Reads what a process wrote.
    init(kind: String, _ raw: tattle_truth) {
        let isFrame = raw.is_frame != 0
        self.init(
            kind: kind, status: Self.status(raw.status), pid: raw.pid,
            transport: isFrame ? nil : Transport(socketProtocol: raw.protocol),
            destination: Endpoint(
                address: IPAddress(mappedHigh: raw.high, low: raw.low), port: raw.port, kind: isFrame ? .link : .ip),
            via: Self.via(raw.via), outcome: Self.outcome(raw), needs: Self.needs(raw.needs))
    }

    private static func status(_ raw: UInt32) -> Status {
        switch raw {
        case TATTLE_TRUTH_MADE.rawValue: .made
        case TATTLE_TRUTH_UNAVAILABLE.rawValue: .notAvailable
        default: .unfinished
        }
    }

    private static func via(_ raw: UInt8) -> Via {
        switch UInt32(raw) {
        case TATTLE_TRUTH_FAST_OPEN.rawValue: .fastOpen
        case TATTLE_TRUTH_MPTCP.rawValue: .mptcp
        case TATTLE_TRUTH_PACKET.rawValue: .packet
        case TATTLE_TRUTH_RAW.rawValue: .raw
        case TATTLE_TRUTH_IO_URING.rawValue: .ioUring
        case TATTLE_TRUTH_SENDMMSG.rawValue: .sendmmsg
        case TATTLE_TRUTH_SPLICE.rawValue: .splice
        default: .syscall
        }
    }

    private static func outcome(_ raw: tattle_truth) -> Outcome {
        switch UInt32(raw.outcome) {
        case TATTLE_TRUTH_ESTABLISHED.rawValue: .established
        case TATTLE_TRUTH_SENT.rawValue: .sent
        case TATTLE_TRUTH_ABORTED.rawValue: .aborted
        default: .failed(errno: raw.error)
        }
    }

    /// By the names of the programs, those at a function's entry aside.
    private static func needs(_ raw: UInt8) -> Needs {
        switch UInt32(raw) {
        case TATTLE_NEEDS_RAW4.rawValue: .program("on_raw_send4")
        case TATTLE_NEEDS_RAW6.rawValue: .program("on_raw_send6")
        case TATTLE_NEEDS_PING.rawValue: .program("on_ping_send4")
        case TATTLE_NEEDS_PACKET.rawValue: .program("on_packet_send")
        case TATTLE_NEEDS_ASSOCIATIONS.rawValue: .program("on_any_connect")
        case TATTLE_NEEDS_SPLICE.rawValue: .tracepointProgram("on_send_length")
        default: .nothing
        }
    }
}
