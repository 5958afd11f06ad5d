import Model
import Rules
import Testing

private let id = String(repeating: "0123456789abcdef", count: 4)
private let manager = "/user.slice/user-1000.slice/user@1000.service"
@Suite("What withholds records")
struct CertainNamesTests {
    /// Whether a rule of these conditions withholds an attempt; and whether one to keep is met by it.
    private func outcome(_ conditions: String, _ caller: Caller) throws -> (isWithheld: Bool, isKept: Bool) {
        var records = Records(caller)
        let event = records.attempt(at: second)
        var dropping = try Run("[[rule]]\nname = 'a'\naction = 'drop'\n\(conditions)")
        dropping.take(.attempted(event))
        var keeping = try Run(
            "[[rule]]\nname = 'a'\naction = 'keep'\n\(conditions)\n[[rule]]\nname = 'b'\naction = 'drop'\nport = 443")
        keeping.take(.attempted(event))
        return (dropping.written.isEmpty, !keeping.written.isEmpty)
    }

    @Test(
        "believes in no unit that a user, a service or a container may have called so; what is to be kept may be",
        arguments: [
            ("/system.slice/ntp.service", true), ("/system.slice/system-ntp.slice/ntp.service", true),
            ("/system.slice/ntp.service/worker", true),
            ("\(manager)/app.slice/ntp.service", false), ("\(manager)/ntp.service", false),
            ("\(manager)/app.slice/\(id)/system.slice/ntp.service", false),
            ("/system.slice/own.service/\(id)/system.slice/ntp.service", false),
            ("/system.slice/docker-\(id).scope/system.slice/ntp.service", false),
            ("/lxc.payload.web/system.slice/ntp.service", false),
        ])
    func units(place: String, isCertain: Bool) throws {
        let (isWithheld, isKept) = try outcome("unit = 'ntp.service'", Caller(place: place))
        #expect(isWithheld == isCertain && isKept)
    }

    @Test(
        "believes in no container that a user, a service or another container may have called so",
        arguments: [
            ("/system.slice/docker-\(id).scope", true), ("/system.slice/docker-\(id).scope/init.scope", true),
            ("/docker/\(id)", true),
            ("/kubepods.slice/kubepods-burstable.slice/cri-containerd-\(id).scope", true),
            ("/kubepods/burstable/pod0123/\(id)", true), ("/machine.slice/libpod-\(id).scope/container", true),
            ("\(manager)/user.slice/libpod-\(id).scope/container", false), ("\(manager)/app.slice/\(id)", false),
            ("/system.slice/own.service/libpod-payload-\(id)", false), ("/given-away/\(id)", false),
            ("/lxc.payload.web/\(id)", false), ("/podded/\(id)", false),
        ])
    func containers(place: String, isCertain: Bool) throws {
        let (isWithheld, isKept) = try outcome("container = '\(id)'", Caller(place: place))
        #expect(isWithheld == isCertain && isKept)
    }

    @Test("believes in a path that leads to the file on the machine, and in none where that was not looked at")
    func executables() throws {
        let asked = "executable = '/usr/bin/curl'"
        #expect(try outcome(asked, Caller()) == (true, true))
        #expect(try outcome(asked, Caller(isAtPath: false)) == (false, true))
        #expect(try outcome(asked, Caller(isAtPath: nil)) == (false, true))
        // What cannot be chosen needs no path.
        let hash = "sha256 = '\(String(repeating: "7f", count: 32))'"
        #expect(try outcome(hash, Caller(sha256: 0x7f, isAtPath: false)) == (true, true))
    }
}
