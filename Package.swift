// swift-tools-version: 6.2
import PackageDescription

/// The strict settings every target is built with; `Documentation/Style.md` gives the reasons.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(), .treatAllWarnings(as: .error), .treatWarning("ExplicitSendable", as: .error),
]

/// One room of the house: what it may import, and whether it is a product of its own.
struct Room {
    var name: String
    var imports: [Target.Dependency]
    var resources: [Resource] = []

    init(_ name: String, imports: [Target.Dependency] = [], resources: [Resource] = []) {
        self.name = name
        self.imports = imports
        self.resources = resources
    }
}

let onLinux: TargetDependencyCondition? = .when(platforms: [.linux])
let onApple: TargetDependencyCondition? = .when(platforms: [.macOS, .iOS, .tvOS, .watchOS, .visionOS])

/// The import table. Arrows point down only; the build checks it
/// (`--explicit-target-dependency-import-check error`).
let rooms: [Room] = [
    // Ground.
    Room("RingJSONAPI"),
    Room(
        "RingCrypto",
        imports: [
            .target(name: "CRingLibcrypto", condition: onLinux), .target(name: "CRingSHA256", condition: onLinux),
        ]),
    Room("RingCore", imports: ["RingJSONAPI"]),
    // Transports.
    Room("RingCurl", imports: ["RingCore", "CRingLibcurl"]),
    Room("RingURLSession", imports: ["RingCore"]),
    // Features.
    Room("RingOAuth", imports: ["RingCore", "RingJSONAPI", "RingCrypto"]),
    Room("RingAccounts", imports: ["RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth"]),
    Room("RingDevices", imports: ["RingCore", "RingJSONAPI"]),
    Room("RingWebhooks", imports: ["RingCore", "RingJSONAPI", "RingCrypto"]),
    Room("RingMedia", imports: ["RingCore", "RingJSONAPI"]),
    Room("RingWHEP", imports: ["RingCore", "RingJSONAPI", "RingCrypto"]),
    // Engines of state.
    Room("RingSQLite", imports: ["RingCore", "RingCrypto", "RingOAuth", "RingWebhooks", "RingWHEP", "CRingSQLite"]),
    // The umbrella.
    Room(
        "RingPartner",
        imports: [
            "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingDevices", "RingWebhooks",
            "RingMedia", "RingWHEP",
            .target(name: "RingCurl", condition: onLinux), .target(name: "RingURLSession", condition: onApple),
        ]),
    // For tests, demos and afternoons without hardware.
    Room("RingListener", imports: ["CRingMicrohttpd"]),
    Room("RingTesting", imports: ["RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingWebhooks", "RingWHEP"]),
    Room(
        "RingSimulator", imports: ["RingCore", "RingJSONAPI", "RingCrypto", "RingListener"]),
]

/// Test targets mirror `Sources`: the room under test, and what its tests stand on.
let tests: [Room] = [
    Room("RingJSONAPI", imports: ["RingJSONAPI", "RingTesting"]),
    Room("RingCrypto", imports: ["RingCrypto", "RingTesting"]),
    Room("RingCore", imports: ["RingCore", "RingJSONAPI", "RingTesting"]),
    Room(
        "RingCurl",
        imports: [
            "RingCurl", "RingCore", "RingTesting", "RingListener",
            .target(name: "CRingTestTLS", condition: onLinux),
        ]),
    Room(
        "RingOAuth", imports: ["RingOAuth", "RingCore", "RingCrypto", "RingJSONAPI", "RingSQLite", "RingTesting"]),
    Room(
        "RingAccounts",
        imports: [
            "RingAccounts", "RingOAuth", "RingCore", "RingCrypto", "RingJSONAPI", "RingSQLite", "RingTesting",
        ]),
    Room(
        "RingDevices", imports: ["RingDevices", "RingCore", "RingJSONAPI", "RingTesting"],
        resources: [.copy("Fixtures")]),
    Room(
        "RingWebhooks",
        imports: ["RingWebhooks", "RingCore", "RingCrypto", "RingJSONAPI", "RingSQLite", "RingTesting"]),
    Room(
        "RingMedia",
        imports: ["RingMedia", "RingCore", "RingJSONAPI", "RingCrypto", "RingTesting", "RingListener", "RingCurl"],
        resources: [.copy("Fixtures")]),
    Room(
        "RingWHEP",
        imports: ["RingWHEP", "RingCore", "RingCrypto", "RingJSONAPI", "RingTesting", "RingSQLite", "RingCurl"],
        resources: [.copy("Fixtures")]),
    Room(
        "RingSQLite",
        imports: [
            "RingSQLite", "RingCore", "RingCrypto", "RingOAuth", "RingWebhooks", "RingWHEP", "RingTesting",
            "RingSimulator", "RingCurl",
        ]),
    Room("RingListener", imports: ["RingListener", "RingTesting"]),
    Room(
        "RingSimulator",
        imports: ["RingSimulator", "RingCore", "RingCrypto", "RingJSONAPI", "RingListener", "RingCurl", "RingTesting"]),
    Room(
        "RingPartner",
        imports: [
            "RingPartner", "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingDevices",
            "RingWebhooks", "RingMedia", "RingWHEP", "RingSQLite", "RingSimulator", "RingListener", "RingTesting",
            "RingCurl",
        ]),
    Room(
        "ringctl",
        imports: [
            "RingSimulator", "RingCore", "RingJSONAPI", "RingCrypto", "RingListener", "RingTesting", "RingCurl",
        ]),
]

/// The programs that a room's tests run as processes.
let programs: [String: [Target.Dependency]] = [
    "ringctl": ["ringctl"], "RingCrypto": [.target(name: "CryptoExitProbe", condition: onLinux)],
    "RingCurl": [.target(name: "CurlProbe", condition: onLinux)],
    "RingSQLite": ["RingTokenWorker", "InboxCrashProbe"], "RingPartner": ["SilentProbe"],
]

let package = Package(
    name: "ring-partner-swift",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: rooms.map { .library(name: $0.name, targets: [$0.name]) } + [
        .executable(name: "ringctl", targets: ["ringctl"])
    ],
    targets: [
        .systemLibrary(name: "CRingLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CRingLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CRingSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // C of our own: what Swift has no instructions for.
        .target(name: "CRingSHA256", publicHeadersPath: "."),
        .systemLibrary(
            name: "CRingMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        // For tests alone: a TLS server that can be told to misbehave.
        .systemLibrary(
            name: "CRingTestTLS", path: "Tests/Helpers/CRingTestTLS", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]),
    ]
        + rooms.map {
            .target(name: $0.name, dependencies: $0.imports, resources: $0.resources, swiftSettings: settings)
        }
        + [
            .executableTarget(
                name: "ringctl",
                dependencies: [
                    "RingPartner", "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingDevices",
                    "RingWebhooks", "RingMedia", "RingWHEP", "RingSQLite", "RingSimulator", "RingListener",
                ], swiftSettings: settings),
            // Says at its exit what becomes of libcrypto; no product, like the two below.
            .executableTarget(
                name: "CryptoExitProbe",
                dependencies: ["RingCrypto", .target(name: "CRingLibcrypto", condition: onLinux)],
                path: "Tests/Helpers/CryptoExitProbe", swiftSettings: settings),
            // Forks, and has a resolver that hangs.
            .target(name: "CCurlProbe", path: "Tests/Helpers/CCurlProbe", publicHeadersPath: "."),
            .executableTarget(
                name: "CurlProbe",
                dependencies: ["CCurlProbe", "RingCore", "RingCurl", "RingTesting"],
                path: "Tests/Helpers/CurlProbe", swiftSettings: settings),
            // A process of its own for tests that kill it.
            .executableTarget(
                name: "RingTokenWorker", dependencies: ["RingCore", "RingOAuth", "RingSQLite", "RingCurl"],
                path: "Tests/Helpers/RingTokenWorker", swiftSettings: settings),
            // The service that a test of the inbox kills.
            .executableTarget(
                name: "InboxCrashProbe",
                dependencies: ["RingCore", "RingListener", "RingSQLite", "RingTesting", "RingWebhooks"],
                path: "Tests/Helpers/InboxCrashProbe", swiftSettings: settings),
            // A service that prints nothing, for the test that reads its output.
            .executableTarget(
                name: "SilentProbe", dependencies: ["RingPartner"], path: "Tests/Helpers/SilentProbe",
                swiftSettings: settings),
        ]
        + tests.map {
            .testTarget(
                name: "\($0.name)Tests",
                dependencies: $0.imports + (programs[$0.name] ?? []),
                resources: $0.resources, swiftSettings: settings)
        },
    swiftLanguageModes: [.v6]
)
