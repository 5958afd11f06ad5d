// swift-tools-version: 6.1
import PackageDescription

/// Benchmarks of parts of tattle, for `make bench`; a package of its own so that building tattle needs none of this.
let package = Package(
    name: "tattle-benchmarks",
    dependencies: [
        .package(name: "tattle", path: ".."),
        // Without its own counting of allocations: scripts/bench/allocations.c counts those of the whole program.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "TattleBenchmarks",
            dependencies: [
                .product(name: "TattleModules", package: "tattle"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/TattleBenchmarks",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
