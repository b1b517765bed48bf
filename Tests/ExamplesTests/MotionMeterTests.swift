import RingDevices
import Testing

@testable import DashboardMotion

/// The dashboard's processor of native pictures, alone.
@Suite struct MotionMeterTests {
    private struct Picture: LumaPicture {
        var width: Int
        var height: Int
        var luma: [UInt8]

        /// A gray picture with a brighter rectangle, given as fractions.
        init(
            _ width: Int = 640, _ height: Int = 360, bright: (x: ClosedRange<Double>, y: ClosedRange<Double>)? = nil
        ) {
            (self.width, self.height) = (width, height)
            self.luma = Array(repeating: 100, count: width * height)
            guard let bright else { return }
            for y in Int(bright.y.lowerBound * Double(height))..<Int(bright.y.upperBound * Double(height)) {
                for x in Int(bright.x.lowerBound * Double(width))..<Int(bright.x.upperBound * Double(width)) {
                    self.luma[y * width + x] = 200
                }
            }
        }
    }

    /// Expectations take no mutating call.
    private final class Meter {
        private var meter: MotionMeter

        init(motion: [RingZone], image: RingImageConfiguration?) {
            self.meter = MotionMeter(motion: motion, image: image)
        }

        func scores(of picture: Picture) -> MotionMeter.Scores? { self.meter.scores(of: picture) }
    }

    private static func zone(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> RingZone {
        RingZone(vertices: [
            RingZonePoint(x: x.lowerBound, y: y.lowerBound), RingZonePoint(x: x.upperBound, y: y.lowerBound),
            RingZonePoint(x: x.upperBound, y: y.upperBound), RingZonePoint(x: x.lowerBound, y: y.upperBound),
        ])
    }

    private let left = Self.zone(0...0.5, 0...1)
    private let right = Self.zone(0.5...1, 0...1)
    private let open = RingImageConfiguration()

    /// Also a picture that is smaller than the grid, and one whose sides are no multiple of it.
    @Test(arguments: [(640, 360), (1920, 1080), (641, 363), (90, 50), (1, 1)])
    func eachZoneHasAScoreOfItsOwn(_ width: Int, _ height: Int) throws {
        let meter = Meter(motion: [self.left, self.right], image: self.open)
        let still = Picture(width, height)
        #expect(meter.scores(of: still) == nil, "the first one is compared with nothing")
        #expect(meter.scores(of: still) == MotionMeter.Scores(picture: 0, zones: [0, 0]))
        let moved = Picture(width, height, bright: (0...0.25, 0...1))
        let scores = try #require(meter.scores(of: moved))
        if width >= 90 {
            #expect(abs((scores.picture ?? 0) - 0.25) < 0.03)
            #expect(abs((scores.zones[0] ?? 0) - 0.5) < 0.05)
            #expect(scores.zones[1] == 0)
        }
        // It stands again.
        #expect(meter.scores(of: moved)?.picture == 0)
    }

    @Test func aPrivacyZoneIsNeitherCountedNorLookedAt() throws {
        // It covers the right half of the left motion zone.
        let privacy = RingImageConfiguration(privacyZones: [Self.zone(0.25...0.5, 0...1)])
        let meter = Meter(motion: [self.left, self.right, Self.zone(0.3...0.4, 0.2...0.4)], image: privacy)
        _ = meter.scores(of: Picture())
        // Everything in the privacy zone moves, up to the last pixel inside it, and nothing else.
        var scores = try #require(meter.scores(of: Picture(bright: (0.25...0.5, 0...1))))
        #expect(scores.picture == 0)
        #expect(scores.zones == [0, 0, nil], "a motion zone that is covered has no score")
        // What is left of the motion zone counts as the whole of it.
        scores = try #require(meter.scores(of: Picture(bright: (0...0.25, 0...1))))
        #expect((scores.zones[0] ?? 0) > 0.95)
    }

    /// Zones of Ring may lie anywhere in a pixel, and pictures have any size.
    @Test(arguments: [(640, 360), (641, 363), (333, 187)])
    func noPixelOfAPrivacyZoneDecides(_ width: Int, _ height: Int) throws {
        let zone = RingZone(vertices: [
            RingZonePoint(x: 0.311, y: 0.207), RingZonePoint(x: 0.702, y: 0.253), RingZonePoint(x: 0.537, y: 0.811),
        ])
        let image = RingImageConfiguration(privacyZones: [zone])
        let meter = Meter(motion: [], image: image)
        var picture = Picture(width, height)
        _ = meter.scores(of: picture)
        let frame = try #require(RingFrameSize(width: width, height: height))
        for y in 0..<height {
            for x in 0..<width {
                let pixel = RingZoneRectangle(pixelX: Double(x), y: Double(y), width: 1, height: 1, in: frame)
                if zone.intersects(pixel) { picture.luma[y * width + x] = 255 }
            }
        }
        #expect(meter.scores(of: picture)?.picture == 0)
    }

    @Test(arguments: [nil, RingImageConfiguration(privacyZonesAreComplete: false)])
    func everythingIsPrivateWhenTheZonesAreNotKnown(_ image: RingImageConfiguration?) {
        let meter = Meter(motion: [self.left], image: image)
        _ = meter.scores(of: Picture())
        let scores = meter.scores(of: Picture(bright: (0...1, 0...1)))
        #expect(scores == MotionMeter.Scores(picture: nil, zones: [nil]))
    }

    @Test func noiseIsNoMovement() {
        let meter = Meter(motion: [], image: self.open)
        var picture = Picture()
        _ = meter.scores(of: picture)
        for index in picture.luma.indices { picture.luma[index] += UInt8((index * 7919) % 21) }
        #expect(meter.scores(of: picture)?.picture == 0)
    }

    /// A camera may change its size at any time; bytes that do not fit the size are no picture.
    @Test func anotherSizeAndOddBytes() {
        let meter = Meter(motion: [self.left], image: self.open)
        _ = meter.scores(of: Picture())
        #expect(meter.scores(of: Picture(320, 180))?.picture == 0)
        var odd = Picture()
        odd.luma.removeLast()
        #expect(meter.scores(of: odd) == nil)
        #expect(meter.scores(of: Picture(bright: (0...0.5, 0...1)))?.zones == [1])
    }
}
