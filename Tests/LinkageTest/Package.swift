// swift-tools-version: 6.2
import PackageDescription

/// One executable for each library product, depending on that product alone: what does an adopter really link?
let products = [
    "RingHTTP", "RingJSONAPI", "RingCrypto", "RingCore", "RingCurl", "RingURLSession", "RingOAuth", "RingAccounts",
    "RingDevices", "RingWebhooks", "RingMedia", "RingWHEP", "RingLive", "RingSQLite", "RingPostgres", "RingPartner",
    "RingListener", "RingTesting",
    "RingSimulator",
]

let package = Package(
    name: "LinkageTest",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "ring-partner-swift", path: "../..")],
    targets: products.map { product in
        .executableTarget(
            name: "Links\(product)",
            dependencies: [.product(name: product, package: "ring-partner-swift")])
    },
    swiftLanguageModes: [.v6]
)
