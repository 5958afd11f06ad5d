internal import Foundation

/// What `tattle doctor --json` says, as far as tests ask.
struct Examination: Decodable, Sendable {
    struct Kernel: Decodable, Sendable {
        var release: String
    }

    struct HookSet: Decodable, Sendable {
        var name: String
        var state: String
        var reason: String?
    }

    struct Hook: Decodable, Sendable {
        var name: String
        var state: String
        var hook_sets: [String]
        var required: Bool
        var purpose: String?
    }

    struct Feature: Decodable, Sendable {
        var name: String
        var state: String
    }

    struct Prototype: Decodable, Sendable {
        var name: String
        var state: String
        var expected: String?
        var found: String?
        var differences: [String]
    }

    struct Capability: Decodable, Sendable {
        var name: String
        var held: Bool
    }

    struct System: Decodable, Sendable {
        var process_ids: String
    }

    struct Program: Decodable, Sendable {
        var id: Int
        var name: String
        var shared_hooks: [String]
    }

    struct Finding: Decodable, Sendable {
        var weight: String
        var text: String
        var remedy: String?
    }

    var verdict: String
    var hook_set: String?
    var kernel: Kernel
    var findings: [Finding]
    var blind_spots: [String]
    var features: [Feature]
    var hook_sets: [HookSet]
    var hooks: [Hook]
    var prototypes: [Prototype]
    var capabilities: [Capability]
    var system: System
    var other_programs: [Program]?

    /// Runs `tattle doctor --json`, by way of another program if one is given.
    ///
    /// - Returns: what it said and its exit status.
    static func make(
        by way: [String] = [], tattle: String = KernelTests.Kernel.tattle
    ) throws -> (said: Examination, status: Int32) {
        let call = way + [tattle, "doctor", "--json"]
        let child = try Child(call[0], Array(call.dropFirst()))
        let status = try child.wait()
        guard let data = child.output.data(using: .utf8), child.errors.isEmpty else {
            throw Child.Failure(description: "doctor says on stderr: \(child.errors)")
        }
        return (try JSONDecoder().decode(Examination.self, from: data), status)
    }
}
