internal import ArgumentParser
internal import Capture
internal import Doctor
internal import Glibc
internal import Model
internal import SelfTest
internal import TraceSession

/// `tattle doctor`: what this machine offers.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what this kernel offers, which hook set would run, and what would not be seen.",
        discussion: """
            Everything is found out by trying: each hook set is loaded, attached and taken away again. Nothing is left \
            behind, nothing is traced. With --self-test it also makes attempts, which cannot leave the machine. Without root it says what it could not ask.

            Exit codes: 0 fit: the best hook set runs and sees everything, 3 limited: a trace runs, and what it does \
            not see is said, 69 unfit: the kernel cannot be traced, 77 unfit: privileges are missing; \
            64 the call is wrong, 74 the output could not be written.
            """)

    @Flag(name: .customLong("json"), help: "As JSON, for a program.")
    var isJSON = false

    @Flag(
        name: .customLong("self-test"),
        help: "Also make an attempt of every kind in a network namespace of its own, and look whether each is seen.")
    var hasSelfTest = false

    mutating func run() throws {
        var examination = Examiner(version: Tattle.version).examine()
        // Where nothing runs, the verdict says so, and why.
        if hasSelfTest, examination.verdict != .unfit { examination.selfTest = selfTest() }
        let usesColor = unsafe getenv("NO_COLOR") == nil && isatty(1) == 1
        try tell(isJSON ? examination.json : examination.text(usesColor: usesColor))
        let code = exitCode(examination)
        if code != TraceSession.ExitCode.success { throw ArgumentParser.ExitCode(code) }
    }

    /// With the set that a trace would use.
    private func selfTest() -> SelfTestReport {
        do throws(CaptureError) {
            return try SelfTest.run(hookSet: nil)
        } catch {
            return SelfTestReport(problem: error.description)
        }
    }

    private func exitCode(_ examination: Examination) -> Int32 {
        switch examination.verdict {
        case .fit: TraceSession.ExitCode.success
        case .limited: TraceSession.ExitCode.limited
        case .unfit:
            examination.lacksCapabilities ? TraceSession.ExitCode.noPermission : TraceSession.ExitCode.unavailable
        }
    }
}
