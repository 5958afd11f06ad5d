// swift-tools-version: 6.3
import PackageDescription

/// Every target: strict memory safety, and a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "tattle",
    products: [
        .executable(name: "tattle", targets: ["tattle"]),
        // For Benchmarks/ only.
        .library(
            name: "TattleModules",
            targets: ["Attribution", "Bytes", "Capture", "Lifecycle", "Logs", "Model", "Records"]),
        // For Ship/ only: what it reads logs and its configuration with.
        .library(
            name: "ShipModules",
            targets: ["CLinux", "Compression", "Conversion", "Logs", "Model", "Reading", "Records", "Rules", "TOML"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // C leaves.
        .systemLibrary(
            name: "CLibbpf", pkgConfig: "libbpf",
            providers: [.apt(["libbpf-dev", "libelf-dev", "zlib1g-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CSchemas"),
        .target(name: "CSelfTest"),
        .target(name: "CProbes"),

        // Values.
        .target(name: "Model", swiftSettings: strict),

        // Memory that is handed from one module to the next.
        .target(name: "Bytes", swiftSettings: strict),

        // Threads that work beside the one of the events.
        .target(name: "Threads", swiftSettings: strict),

        // Kernel to values.
        .target(name: "BPF", dependencies: ["CLibbpf"], swiftSettings: strict),
        .target(name: "Capture", dependencies: ["BPF", "CProbes", "CLinux", "Model"], swiftSettings: strict),

        // Values to events.
        .target(
            name: "Attribution",
            dependencies: ["CLinux", "Model", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict),
        .target(
            name: "Lifecycle",
            dependencies: ["Model", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict),

        // zstd and gzip.
        .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: strict),

        // Events to bytes, bytes to files.
        .target(name: "Records", dependencies: ["Bytes", "CNettle", "CSchemas", "Model"], swiftSettings: strict),
        .target(name: "Logs", dependencies: ["Bytes", "Compression", "Threads"], swiftSettings: strict),

        // Bytes of a log back to events.
        .target(name: "Reading", dependencies: ["Compression", "Logs", "Model", "Records"], swiftSettings: strict),

        // From one form of a log to another.
        .target(name: "Conversion", dependencies: ["Model", "Reading", "Records", "Rules"], swiftSettings: strict),

        // A subset of TOML, with the place of everything in it.
        .target(name: "TOML", swiftSettings: strict),

        // Which records are written: rules of the configuration. No I/O.
        .target(
            name: "Rules",
            dependencies: ["Model", "TOML", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict),

        // Which calls come like a beacon's: no I/O.
        // Optimised also for debugging: its tests look at thousands of beacons.
        .target(
            name: "Beacons", dependencies: ["Model"],
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]),

        // Calls of logs.
        .target(
            name: "BeaconLogs", dependencies: ["Beacons", "CLinux", "Model", "Reading", "Records"],
            swiftSettings: strict),

        // What ran, from its file: off the way of the events.
        .target(
            name: "Files",
            dependencies: [
                "Model", "CLinux", "CNettle", "Threads", .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict),

        // Connections that are held: when something was sent on them.
        .target(name: "Connections", dependencies: ["CLinux", "Model"], swiftSettings: strict),

        // What this machine offers.
        .target(name: "Doctor", dependencies: ["BPF", "Capture", "CLinux", "Model"], swiftSettings: strict),

        // Attempts made on purpose, and whether they are seen.
        .target(name: "SelfTest", dependencies: ["Capture", "CSelfTest", "Lifecycle", "Model"], swiftSettings: strict),

        // Composition and the command.
        .target(
            name: "TraceSession",
            dependencies: [
                "Attribution", "Beacons", "Bytes", "Capture", "CLinux", "Connections", "Files", "Lifecycle", "Logs",
                "Model", "Reading", "Records", "Rules", "SelfTest", "Threads", "TOML",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tattle",
            dependencies: [
                "BeaconLogs", "Beacons", "Capture", "CLinux", "Compression", "Conversion", "Doctor", "Logs", "Model",
                "Records", "Rules", "SelfTest", "TOML", "TraceSession",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // Tests, one target per module; KernelTests needs BPF.
        .testTarget(name: "ModelTests", dependencies: ["Model"], swiftSettings: strict),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: strict),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(name: "CaptureTests", dependencies: ["BPF", "Capture", "CProbes", "Model"], swiftSettings: strict),
        .testTarget(name: "AttributionTests", dependencies: ["Attribution", "Model"], swiftSettings: strict),
        .testTarget(name: "LifecycleTests", dependencies: ["Lifecycle", "Model"], swiftSettings: strict),
        .testTarget(name: "RecordsTests", dependencies: ["Records", "Model"], swiftSettings: strict),
        .testTarget(
            name: "ReadingTests", dependencies: ["Compression", "Model", "Reading", "Records"], swiftSettings: strict),
        .testTarget(
            name: "ConversionTests", dependencies: ["Conversion", "Model", "Reading", "Records", "Rules"],
            swiftSettings: strict),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"], swiftSettings: strict),
        .testTarget(name: "LogsTests", dependencies: ["Bytes", "Compression", "Logs"], swiftSettings: strict),
        .testTarget(
            name: "BeaconLogsTests", dependencies: ["BeaconLogs", "Beacons", "Compression", "Model", "Reading"],
            swiftSettings: strict),
        .testTarget(
            name: "BeaconsTests", dependencies: ["Beacons", "Model"],
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        .testTarget(name: "TOMLTests", dependencies: ["TOML"], swiftSettings: strict),
        .testTarget(name: "RulesTests", dependencies: ["Model", "Rules", "TOML"], swiftSettings: strict),
        .testTarget(name: "FilesTests", dependencies: ["Files", "Model"], swiftSettings: strict),
        .testTarget(name: "ConnectionsTests", dependencies: ["Connections", "Model"], swiftSettings: strict),
        .testTarget(name: "DoctorTests", dependencies: ["BPF", "Capture", "Doctor", "Model"], swiftSettings: strict),
        .testTarget(
            name: "TraceSessionTests",
            dependencies: ["Attribution", "Beacons", "Capture", "Files", "Model", "Records", "TraceSession"],
            swiftSettings: strict),
        .testTarget(name: "SelfTestTests", dependencies: ["Capture", "Model", "SelfTest"], swiftSettings: strict),
        // Optimised: it reads thousands of records in emulated machines.
        .testTarget(name: "KernelTests", dependencies: ["Compression"], swiftSettings: strict + [.unsafeFlags(["-O"])]),
    ],
    cLanguageStandard: .gnu2x
)

// What only `make fuzz` and `make test-engines` build.
if Context.environment["TATTLE_TOOLS"] != nil {
    package.targets += [
        .executableTarget(
            name: "fuzz-records", dependencies: ["Model", "Reading", "Records", "Rules", "TOML"],
            path: "Tests/tools/FuzzRecords",
            swiftSettings: strict),
        .executableTarget(
            name: "generate-log", dependencies: ["Model", "Records"], path: "Tests/tools/GenerateLog",
            swiftSettings: strict),
    ]
}
