package import Model

/// What a line of tattle's own, in ECS, tells of who tried what and how it ended, as places in the line.
///
/// Numbers are read; of texts it is only said where they stand, so that nothing is made of what nobody asks for.
package struct AttemptOutline {
    /// What the line tells of an attempt.
    package enum Telling: Sendable {
        /// The attempt itself, and how it ended if that was known.
        case attempted
        /// How it ended.
        case resolved
        /// That a connection or a flow is over.
        case ended
        /// It is about something else.
        case none
    }

    /// What is known of who it was; empty where it is not.
    package struct Places: Equatable {
        /// `process.executable`.
        package var executable = 0..<0
        /// `process.name`.
        package var name = 0..<0
        /// `process.hash.sha256`.
        package var hash = 0..<0
        /// `tattle.process.script`.
        package var script = 0..<0
        /// The script of the nearest of `tattle.process.ancestors` that has one.
        package var ancestorScript = 0..<0
        /// `tattle.process.package.name`.
        package var package = 0..<0
        /// `tattle.process.package.unchanged`: `true` or `false`.
        package var isUnchanged = 0..<0
        /// `tattle.process.flags`, with its brackets.
        package var flags = 0..<0
        /// `container.id`.
        package var container = 0..<0
        /// `tattle.unit`.
        package var unit = 0..<0
        /// `tattle.cgroup.path`.
        package var groupPath = 0..<0
        /// `tattle.process.namespaces.user`, a number.
        package var userNamespace = 0..<0
        /// `host.name`.
        package var host = 0..<0
    }

    /// What the line tells of.
    package var telling = Telling.none
    /// `@timestamp`, nanoseconds since 1970.
    package var time: UInt64?
    /// `event.start`, nanoseconds since 1970.
    package var start: UInt64?
    /// `network.iana_number`.
    package var transport = Transport.other(0)
    /// `destination.ip`; nil: it is none of IP.
    package var address: IPAddress?
    /// `destination.port`, host order.
    package var port: UInt16 = 0
    /// `tattle.attempt.result`; nil: there is none, or none that is known.
    package var result: AttemptResult?
    /// `error.code`; empty: there is none.
    package var errorCode = 0..<0
    /// `tattle.attempt.bytes`.
    package var bytes: UInt32 = 0
    /// `tattle.flow`, its times nanoseconds since 1970; nil: there is none.
    package var flow: FlowCounters?
    /// Who it was.
    package var who = Places()

    /// When the attempt was made, nanoseconds since 1970; nil: the line does not say.
    package var started: UInt64? { telling == .attempted ? time : start }
}
