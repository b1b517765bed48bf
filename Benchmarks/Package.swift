// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "ring-partner-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "ring-partner-swift", path: "..")],
    targets: [
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CBenchCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .executableTarget(
            name: "ring-benchmarks",
            dependencies: [
                "CMalloc",
                // A benchmark of another module adds its product here and one line to `RingBenchmarks.all`.
                .product(name: "RingJSONAPI", package: "ring-partner-swift"),
                .product(name: "RingDevices", package: "ring-partner-swift"),
                .product(name: "RingCore", package: "ring-partner-swift"),
                .product(name: "RingCrypto", package: "ring-partner-swift"),
                .product(name: "RingAccounts", package: "ring-partner-swift"),
                .product(name: "RingOAuth", package: "ring-partner-swift"),
                .product(name: "RingWebhooks", package: "ring-partner-swift"),
                .product(name: "RingMedia", package: "ring-partner-swift"),
                .product(name: "RingCurl", package: "ring-partner-swift"),
                .product(name: "RingTesting", package: "ring-partner-swift"),
                .product(name: "RingSQLite", package: "ring-partner-swift"),
                .product(name: "RingPostgres", package: "ring-partner-swift"),
                .product(name: "RingCurl", package: "ring-partner-swift"),
                .product(name: "RingTesting", package: "ring-partner-swift"), "CBenchCurl",
                .product(name: "RingWHEP", package: "ring-partner-swift"),
            ], path: "Sources/RingBenchmarks", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
