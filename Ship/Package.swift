// swift-tools-version: 6.3
import PackageDescription

/// Every target: strict memory safety, and a warning is an error; as in tattle's own package.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Without the network: what `make test-ship` builds; saves NIO's minutes.
let isLean = Context.environment["TATTLE_SHIP_LEAN"] != nil

/// tattle-ship delivers what tattle wrote; a package of its own, so that tattle builds without any network library.
///
/// Data flows one way: Following (files → batches) ─▶ Delivery (when, how often, in which order) ─▶ Transports (→ network),
/// with Formats (lines → bodies, no I/O) beside it. `ShipSettings` reads what is wanted; the command puts them together.
let package = Package(
    name: "tattle-ship",
    dependencies: [
        .package(name: "tattle", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What a receiver is, and how batches reach it whatever fails. No I/O.
        .target(name: "Delivery", swiftSettings: strict),

        // What is wanted: `--to`, tattle-ship.toml, secrets. No I/O but reading these.
        .target(
            name: "ShipSettings", dependencies: ["Delivery", .product(name: "ShipModules", package: "tattle")],
            swiftSettings: strict),

        // Lines to the bodies that receivers take, and their answers to results. No I/O.
        .target(
            name: "Formats", dependencies: ["Delivery", .product(name: "ShipModules", package: "tattle")],
            swiftSettings: strict),

        .testTarget(name: "FormatsTests", dependencies: ["Delivery", "Formats"], swiftSettings: strict),

        // The folder that tattle writes, followed from a checkpoint on.
        .target(
            name: "Following", dependencies: [.product(name: "ShipModules", package: "tattle")],
            swiftSettings: strict),

        // Lines as they stand in the log to what one destination gets. No I/O.
        .target(
            name: "Preparing",
            dependencies: ["Delivery", "Following", "ShipSettings", .product(name: "ShipModules", package: "tattle")],
            swiftSettings: strict),

        // All of it together: sources, files to deliver to, what is kept and what is told.
        .target(
            name: "Shipping",
            dependencies: [
                "Delivery", "Following", "Preparing", "ShipSettings",
                .product(name: "ShipModules", package: "tattle"),
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "tattle-ship",
            dependencies: [
                "Delivery", "Formats", "ShipSettings", "Shipping",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ShipModules", package: "tattle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        .testTarget(
            name: "PreparingTests",
            dependencies: [
                "Delivery", "Following", "Preparing", "ShipSettings",
                .product(name: "ShipModules", package: "tattle"),
            ], swiftSettings: strict),
        .testTarget(
            name: "FollowingTests", dependencies: ["Following", .product(name: "ShipModules", package: "tattle")],
            swiftSettings: strict),
        .testTarget(
            name: "ShippingTests",
            dependencies: [
                "Delivery", "Following", "Preparing", "ShipSettings", "Shipping", "tattle-ship",
                .product(name: "ShipModules", package: "tattle"),
            ], swiftSettings: strict),
        .testTarget(name: "DeliveryTests", dependencies: ["Delivery"], swiftSettings: strict),
        .testTarget(name: "ShipSettingsTests", dependencies: ["Delivery", "ShipSettings"], swiftSettings: strict),
    ]
)

// What needs the network's libraries, and the tests of it.
if !isLean {
    package.dependencies += [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ]
    package.targets += [
        // Batches over the network: HTTP and syslog.
        .target(
            name: "Transports",
            dependencies: [
                "Delivery", "Formats", "ShipSettings",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ShipModules", package: "tattle"),
            ],
            swiftSettings: strict),

        .testTarget(
            name: "TransportsTests", dependencies: ["Delivery", "ShipSettings", "Transports"],
            exclude: ["fault_server.py", "serving.py", "syslog_sink.py"], swiftSettings: strict),
    ]
    for target in package.targets where target.name == "tattle-ship" {
        target.dependencies += [
            "Transports",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ]
        target.swiftSettings = strict + [.define("NETWORK")]
    }
}
