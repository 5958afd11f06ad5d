internal import Capture
internal import Model

extension Examination {
    /// The whole of it as JSON, with a newline at its end; members are added, never renamed.
    public var json: String {
        JSONValue.object([
            ("verdict", .string(verdict.rawValue)),
            ("hook_set", .optional(chosen?.hookSet.rawValue)),
            ("tattle", .object([("version", .string(version))])),
            ("kernel", kernel),
            ("findings", .array(findings.map(Self.value))),
            ("blind_spots", .strings(blindSpots)),
            ("features", .array(features.map(Self.value))),
            ("hook_sets", .array(hookSets.map(Self.value))),
            ("hooks", .array(hooks.map(Self.value))),
            ("prototypes", .array(signatures.map(Self.value))),
            ("capabilities", .array(capabilities.map(Self.value))),
            ("system", systemValue),
            ("other_programs", others.map { .array($0.map(Self.value)) } ?? .null),
            ("self_test", selfTest.map(Self.value) ?? .null),
        ]).text() + "\n"
    }

    private var kernel: JSONValue {
        .object([
            ("release", .string(kernelRelease)), ("architecture", .string(architecture)),
            ("operating_system", .optional(operatingSystem)),
        ])
    }

    private var systemValue: JSONValue {
        .object([
            ("process_ids", .string(system.processIDs.rawValue)),
            ("cgroup_mount", .optional(system.cgroupMount)),
            ("cgroup_root", system.cgroupMount == nil ? .null : .bool(system.isCgroupRoot)),
            ("lockdown", .optional(system.lockdown)),
            ("security_modules", .strings(system.securityModules?.split(separator: ",").map(String.init) ?? [])),
            ("unprivileged_bpf_disabled", .optional(system.unprivilegedBPFDisabled.map { UInt64($0) })),
            ("locked_memory_limit_bytes", .optional(system.lockedMemoryLimitBytes)),
            ("locked_memory_is_charged", .bool(system.isLockedMemoryCharged)),
            ("cgroup_memory_limit_bytes", .optional(system.cgroupMemoryLimitBytes)),
            ("tracefs", .optional(system.tracefs)),
        ])
    }

    private static func value(_ finding: Finding) -> JSONValue {
        .object([
            ("weight", .string(finding.weight.rawValue)), ("text", .string(finding.text)),
            ("remedy", .optional(finding.remedy)),
        ])
    }

    private static func value(_ feature: Feature) -> JSONValue {
        .object([
            ("name", .string(feature.key)), ("state", .string(feature.state.rawValue)),
            ("detail", .optional(feature.detail)), ("purpose", .string(feature.purpose)),
        ])
    }

    private static func value(_ trial: HookSetTrial) -> JSONValue {
        .object([
            ("name", .string(trial.hookSet.rawValue)), ("state", .string(trial.state.rawValue)),
            ("reason", .optional(trial.reason)), ("blind_spots", .strings(trial.blindSpots)),
        ])
    }

    private static func value(_ hook: HookState) -> JSONValue {
        .object([
            ("name", .string(hook.section)), ("target", .string(hook.target)),
            ("state", .string(hook.state.rawValue)), ("hook_sets", .strings(hook.hookSets.map(\.rawValue))),
            ("required", .bool(hook.isRequired)), ("purpose", .optional(hook.purpose)),
        ])
    }

    private static func value(_ signature: Signature) -> JSONValue {
        .object([
            ("name", .string(signature.name)), ("kind", .string(signature.kind.rawValue)),
            ("state", .string(signature.state.rawValue)), ("expected", .optional(signature.expected)),
            ("found", .optional(signature.found)), ("differences", .strings(signature.differences)),
        ])
    }

    private static func value(_ capability: CapabilityState) -> JSONValue {
        .object([
            ("name", .string(capability.name)), ("held", .bool(capability.isHeld)),
            ("required", .bool(capability.isRequired)), ("purpose", .string(capability.purpose)),
        ])
    }

    private static func value(_ program: OtherProgram) -> JSONValue {
        .object([
            ("id", .number(UInt64(program.id))), ("name", .string(program.name)), ("type", .string(program.type)),
            ("hooks", .strings(program.hooks)), ("shared_hooks", .strings(program.shared)),
        ])
    }

    private static func value(_ report: SelfTestReport) -> JSONValue {
        .object([
            ("passed", .number(UInt64(report.passed))),
            (
                "failed",
                .array(
                    report.failed.map {
                        .object([("kind", .string($0.kind)), ("problem", .string($0.problem))])
                    })
            ),
            ("not_covered", .strings(report.notCovered)), ("not_available", .strings(report.notAvailable)),
            ("problem", .optional(report.problem)),
        ])
    }
}
