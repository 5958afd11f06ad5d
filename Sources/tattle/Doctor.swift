internal import ArgumentParser
internal import Doctor
internal import Glibc
internal import Tracing

/// `tattle doctor`: what this machine offers.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what this kernel offers, which hook set would run, and what would not be seen.",
        discussion: """
            Everything is found out by trying: each hook set is loaded, attached and taken away again. Nothing is left \
            behind, nothing is traced. Without root it says what it could not ask.

            Exit codes: 0 fit: the best hook set runs and sees everything, 3 limited: a trace runs, and what it does \
            not see is said, 69 unfit: the kernel cannot be traced, 77 unfit: privileges are missing; \
            64 the call is wrong.
            """)

    @Flag(name: .customLong("json"), help: "As JSON, for a program.")
    var isJSON = false

    mutating func run() throws {
        let examination = Examiner(version: Tattle.version).examine()
        let usesColor = unsafe getenv("NO_COLOR") == nil && isatty(1) == 1
        print(isJSON ? examination.json : examination.text(usesColor: usesColor), terminator: "")
        let code = exitCode(examination)
        if code != Tracing.ExitCode.success { throw ArgumentParser.ExitCode(code) }
    }

    private func exitCode(_ examination: Examination) -> Int32 {
        switch examination.verdict {
        case .fit: Tracing.ExitCode.success
        case .limited: Tracing.ExitCode.limited
        case .unfit:
            examination.lacksCapabilities ? Tracing.ExitCode.noPermission : Tracing.ExitCode.unavailable
        }
    }
}
