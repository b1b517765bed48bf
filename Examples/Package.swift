// swift-tools-version: 6.2
import PackageDescription

/// One program for each task a partner has. Everything here is public API: it can be copied as it stands.
func program(_ name: String, _ products: String...) -> Target {
    .executableTarget(
        name: name,
        dependencies: products.map { .product(name: $0, package: "ring-partner-swift") } + ["Support"],
        swiftSettings: [.enableUpcomingFeature("MemberImportVisibility")])
}

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "ring-partner-swift", path: "..")],
    targets: [
        // What the programs share: settings from the environment, signals, and pages for the browser.
        .target(
            name: "Support",
            dependencies: [
                .product(name: "RingPartner", package: "ring-partner-swift"),
                .product(name: "RingSQLite", package: "ring-partner-swift"),
                .product(name: "RingListener", package: "ring-partner-swift"),
            ]),
        program("ListDevices", "RingPartner", "RingSQLite"),
        program("LogRequests", "RingPartner", "RingSQLite"),
        program("RunService", "RingPartner", "RingSQLite"),
        program("LinkAccounts", "RingPartner", "RingSQLite", "RingListener"),
        program("ReceiveWebhooks", "RingPartner", "RingSQLite", "RingListener"),
        program("DownloadClips", "RingPartner", "RingSQLite"),
        program("WatchLive", "RingPartner", "RingSQLite"),
        program("Automations", "RingPartner", "RingSQLite"),
        program("SecurityDashboard", "RingPartner", "RingSQLite"),
        program("MotionRecorder", "RingPartner", "RingSQLite"),
        program("SensorAlerts", "RingPartner", "RingSQLite"),
        program("SelfCheck", "RingPartner", "RingSQLite"),
        .executableTarget(
            name: "Demo",
            dependencies: ["RingPartner", "RingSQLite", "RingListener", "RingSimulator"].map {
                .product(name: $0, package: "ring-partner-swift")
            } + ["Support"],
            resources: [.copy("Resources/offer.sdp")]),
        .executableTarget(
            name: "Dashboard",
            dependencies: ["RingPartner", "RingLive", "RingSQLite", "RingListener", "RingSimulator"].map {
                .product(name: $0, package: "ring-partner-swift")
            } + ["Support"],
            resources: [.copy("Files")], swiftSettings: [.enableUpcomingFeature("MemberImportVisibility")]),
    ],
    swiftLanguageModes: [.v6]
)
