// swift-tools-version: 6.2
import PackageDescription

/// The strict settings every target is built with.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(), .treatAllWarnings(as: .error), .treatWarning("ExplicitSendable", as: .error),
]

/// One module: what it may import.
struct Module {
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
let modules: [Module] = [
    // Foundations.
    Module("RingHTTP"),
    Module("RingJSONAPI", imports: ["RingHTTP"]),
    Module(
        "RingCrypto",
        imports: [
            .target(name: "CRingLibcrypto", condition: onLinux), .target(name: "CRingSHA256", condition: onLinux),
        ]),
    Module("RingCore", imports: ["RingHTTP", "RingJSONAPI"]),
    // Transports.
    Module("RingCurl", imports: ["RingCore", "CRingLibcurl", "CRingCurlLoop"]),
    Module("RingURLSession", imports: ["RingCore"]),
    // Features.
    Module("RingOAuth", imports: ["RingCore", "RingJSONAPI", "RingCrypto"]),
    Module("RingAccounts", imports: ["RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth"]),
    Module("RingDevices", imports: ["RingCore", "RingJSONAPI"]),
    Module("RingWebhooks", imports: ["RingCore", "RingJSONAPI", "RingCrypto"]),
    Module("RingMedia", imports: ["RingCore", "RingJSONAPI"]),
    Module("RingWHEP", imports: ["RingCore", "RingJSONAPI", "RingCrypto"]),
    // The media of live video, with GStreamer loaded at run time.
    Module("RingLive", imports: ["RingCore", "RingJSONAPI", "RingWHEP", "CRingGStreamer"]),
    // Storage engines.
    Module("RingSQLite", imports: ["RingCore", "CRingSQLite"]),
    Module("RingPostgres", imports: ["RingCore", "CRingLibpq"]),
    // The umbrella.
    Module(
        "RingPartner",
        imports: [
            "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingDevices", "RingWebhooks",
            "RingMedia", "RingWHEP",
            .target(name: "RingCurl", condition: onLinux), .target(name: "RingURLSession", condition: onApple),
        ]),
    // For tests, demonstrations and local development without hardware.
    Module("RingListener", imports: ["RingHTTP", "CRingMicrohttpd"]),
    Module(
        "RingTesting",
        imports: [
            "RingCore", "RingJSONAPI", "RingCrypto", "RingAccounts", "RingDevices", "RingMedia", "RingWebhooks",
        ]),
    Module(
        "RingSimulator",
        imports: [
            "RingCore", "RingJSONAPI", "RingCrypto", "RingListener", "RingLive",
            .target(name: "RingCurl", condition: onLinux), .target(name: "RingURLSession", condition: onApple),
        ]),
]

/// Test targets mirror `Sources`: the module under test, and what its tests import.
let tests: [Module] = [
    Module("RingHTTP", imports: ["RingHTTP", "RingTesting"]),
    Module("RingJSONAPI", imports: ["RingJSONAPI", "RingTesting"]),
    Module("RingCrypto", imports: ["RingCrypto", "RingTesting"]),
    Module("RingCore", imports: ["RingCore", "RingJSONAPI", "RingTesting"]),
    Module(
        "RingCurl",
        imports: [
            "RingCurl", "RingCore", "RingTesting", "RingListener",
            .target(name: "CRingTestTLS", condition: onLinux),
        ]),
    Module("RingURLSession", imports: ["RingURLSession", "RingCore", "RingTesting"]),
    Module(
        "RingOAuth", imports: ["RingOAuth", "RingCore", "RingCrypto", "RingJSONAPI", "RingSQLite", "RingTesting"]),
    Module(
        "RingAccounts",
        imports: [
            "RingAccounts", "RingOAuth", "RingCore", "RingCrypto", "RingJSONAPI", "RingSQLite", "RingTesting",
        ]),
    Module(
        "RingDevices", imports: ["RingDevices", "RingCore", "RingJSONAPI", "RingTesting"],
        resources: [.copy("Fixtures")]),
    Module(
        "RingWebhooks",
        imports: ["RingWebhooks", "RingCore", "RingCrypto", "RingJSONAPI", "RingSQLite", "RingTesting"]),
    Module(
        "RingMedia",
        imports: ["RingMedia", "RingCore", "RingJSONAPI", "RingCrypto", "RingTesting", "RingListener", "RingCurl"],
        resources: [.copy("Fixtures")]),
    Module(
        "RingWHEP",
        imports: ["RingWHEP", "RingCore", "RingCrypto", "RingJSONAPI", "RingTesting", "RingSQLite", "RingCurl"],
        resources: [.copy("Fixtures")]),
    Module(
        "RingLive",
        imports: ["RingLive", "RingWHEP", "RingCore", "RingJSONAPI", "RingTesting", "RingSQLite", "RingCurl"]),
    Module("RingSQLite", imports: ["RingSQLite", "RingCore", "RingTesting", "CRingSQLite"]),
    Module(
        "RingPostgres",
        imports: [
            "RingPostgres", "RingCore", "RingCrypto", "RingOAuth", "RingWebhooks", "RingTesting", "PostgresServer",
        ]),
    Module("RingListener", imports: ["RingListener", "RingHTTP", "RingTesting"]),
    Module(
        "RingTesting",
        imports: [
            "RingTesting", "RingCore", "RingCrypto", "RingJSONAPI", "RingOAuth", "RingWebhooks", "RingDevices",
            "RingMedia", "RingAccounts", "RingCurl",
        ]),
    Module(
        "RingSimulator",
        imports: [
            "RingSimulator", "RingCore", "RingCrypto", "RingJSONAPI", "RingListener", "RingCurl", "RingTesting",
            "RingMedia", "RingPartner", "RingLive", "RingWHEP", "Browser",
        ]),
    Module(
        "RingPartner",
        imports: [
            "RingPartner", "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingDevices",
            "RingWebhooks", "RingMedia", "RingWHEP", "RingSQLite", "RingSimulator", "RingListener", "RingTesting",
            "RingCurl", "RingPostgres", "PostgresServer",
        ]),
    // Several simulated processes of a service against a model of Ring, in an order given by a seed.
    Module(
        "Simulation",
        imports: [
            "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingWebhooks", "RingWHEP",
            "RingPartner", "RingPostgres", "RingTesting",
        ]),
    // The programs of the package in `Examples`, which `Scripts/examples.sh` builds first.
    Module(
        "Examples",
        imports: [
            "RingSimulator", "RingCore", "RingJSONAPI", "RingCurl", "RingDevices", "RingLive", "RingListener",
            "RingTesting", "Browser", "DashboardMotion",
        ]),
    Module(
        "ringctl",
        imports: [
            "RingSimulator", "RingCore", "RingJSONAPI", "RingCrypto", "RingListener", "RingTesting", "RingCurl",
            "RingOAuth", "RingWebhooks", "RingSQLite", "RingPostgres", "PostgresServer",
        ]),
]

/// The programs that the tests of a module run as processes.
let programs: [String: [Target.Dependency]] = [
    "ringctl": ["ringctl"], "RingCrypto": [.target(name: "CryptoExitProbe", condition: onLinux)],
    "RingCurl": [.target(name: "CurlProbe", condition: onLinux)],
    "RingSQLite": ["RingStorageProbe"], "RingPostgres": ["RingStorageProbe"],
    "RingPartner": ["SilentProbe", "RingTokenWorker", "InboxCrashProbe"],
    "RingWHEP": ["LiveProbe"], "RingLive": ["LiveProbe", "RecordProbe", "ringctl"],
    "RingListener": ["ListenerProbe"],
]

/// The test targets that are built: all of them, or only those that a script names.
let testNames = Context.environment["RING_TEST_TARGETS"].map { Set($0.split(separator: " ").map(String.init)) }

let package = Package(
    name: "ring-partner-swift",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: modules.map { .library(name: $0.name, targets: [$0.name]) } + [
        .executable(name: "ringctl", targets: ["ringctl"])
    ],
    targets: [
        .systemLibrary(name: "CRingLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CRingLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CRingLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CRingSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // C code of this package: processor instructions that Swift does not offer.
        .target(name: "CRingSHA256", publicHeadersPath: "."),
        // C code of this package: the event loop under libcurl.
        .target(name: "CRingCurlLoop", dependencies: ["CRingLibcurl"]),
        // C code of this package: GStreamer's WebRTC element, loaded with dlopen. Needs nothing to build.
        .target(name: "CRingGStreamer"),
        .systemLibrary(
            name: "CRingMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        // For tests only: a TLS server that misbehaves on request.
        .systemLibrary(
            name: "CRingTestTLS", path: "Tests/Helpers/CRingTestTLS", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]),
    ]
        + modules.map {
            .target(name: $0.name, dependencies: $0.imports, resources: $0.resources, swiftSettings: settings)
        }
        + [
            .executableTarget(
                name: "ringctl",
                dependencies: [
                    "RingPartner", "RingCore", "RingJSONAPI", "RingCrypto", "RingOAuth", "RingAccounts", "RingDevices",
                    "RingWebhooks", "RingMedia", "RingWHEP", "RingLive", "RingSQLite", "RingPostgres", "RingSimulator",
                    "RingListener",
                ], swiftSettings: settings),
            // Reports what happens to libcrypto when the process exits. Not a product, like the programs below.
            .executableTarget(
                name: "CryptoExitProbe",
                dependencies: ["RingCrypto", .target(name: "CRingLibcrypto", condition: onLinux)],
                path: "Tests/Helpers/CryptoExitProbe", swiftSettings: settings),
            // Forks, and contains a resolver that does not return.
            .target(name: "CCurlProbe", path: "Tests/Helpers/CCurlProbe", publicHeadersPath: "."),
            .executableTarget(
                name: "CurlProbe",
                dependencies: ["CCurlProbe", "RingCore", "RingCurl", "RingTesting"],
                path: "Tests/Helpers/CurlProbe", swiftSettings: settings),
            // Starts PostgreSQL servers for tests, where it is installed.
            .target(
                name: "PostgresServer", dependencies: ["RingCore", "RingPostgres", "RingTesting"],
                path: "Tests/Helpers/PostgresServer", swiftSettings: settings),
            // Drives a browser for tests of pages, where Chromium is installed.
            .target(
                name: "Browser", dependencies: ["RingCore", "RingJSONAPI", "RingCrypto", "RingCurl", "RingTesting"],
                path: "Tests/Helpers/Browser", swiftSettings: settings),
            // The processor of the dashboard in `Examples`, for a test of it alone.
            .target(
                name: "DashboardMotion", dependencies: ["RingPartner"], path: "Examples/Sources/Dashboard/Motion",
                exclude: ["MotionViews.swift"], swiftSettings: settings),
            // A separate process that uses a storage, for tests that kill it or run eight of them.
            .executableTarget(
                name: "RingStorageProbe", dependencies: ["RingCore", "RingSQLite", "RingPostgres"],
                path: "Tests/Helpers/RingStorageProbe", swiftSettings: settings),
            // A separate process that refreshes tokens, for tests that kill it.
            .executableTarget(
                name: "RingTokenWorker",
                dependencies: ["RingCore", "RingCrypto", "RingOAuth", "RingSQLite", "RingPostgres", "RingCurl"],
                path: "Tests/Helpers/RingTokenWorker", swiftSettings: settings),
            // A service with an inbox, for a test that kills it.
            .executableTarget(
                name: "InboxCrashProbe",
                dependencies: [
                    "RingCore", "RingCrypto", "RingListener", "RingPostgres", "RingSQLite", "RingTesting",
                    "RingWebhooks",
                ],
                path: "Tests/Helpers/InboxCrashProbe", swiftSettings: settings),
            // A server, for tests that take its descriptors, fill its memory, or would crash it.
            .executableTarget(
                name: "ListenerProbe", dependencies: ["RingListener", "RingTesting"],
                path: "Tests/Helpers/ListenerProbe", swiftSettings: settings),
            // Records a film, for a test that kills it.
            .executableTarget(
                name: "RecordProbe", dependencies: ["RingCore", "RingLive"], path: "Tests/Helpers/RecordProbe",
                swiftSettings: settings),
            // Opens a live session, for a test that kills it.
            .executableTarget(
                name: "LiveProbe", dependencies: ["RingCore", "RingCurl", "RingLive", "RingSQLite", "RingWHEP"],
                path: "Tests/Helpers/LiveProbe", swiftSettings: settings),
            // A service that prints nothing, for the test that reads its output.
            .executableTarget(
                name: "SilentProbe", dependencies: ["RingPartner"], path: "Tests/Helpers/SilentProbe",
                swiftSettings: settings),
        ]
        + tests.filter { testNames?.contains($0.name) != false }.map {
            .testTarget(
                name: "\($0.name)Tests",
                dependencies: $0.imports + (programs[$0.name] ?? []),
                resources: $0.resources, swiftSettings: settings)
        },
    swiftLanguageModes: [.v6]
)
