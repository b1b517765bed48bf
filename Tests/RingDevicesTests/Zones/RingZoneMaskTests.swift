import RingDevices
import Testing

@Suite struct RingZoneMaskTests {
    private func frame(_ width: Int, _ height: Int) throws -> RingFrameSize {
        try #require(RingFrameSize(width: width, height: height))
    }

    @Test func theWholePictureIsCoveredExactlyOnce() throws {
        let frame = try self.frame(130, 7)
        let corners = RingZoneRectangle.wholePicture.corners
        #expect(RingZoneMask(zones: [RingZone(vertices: corners)], in: frame).coveredPixelCount == 910)
        #expect(RingZoneMask(coveringAllOf: frame).coveredPixelCount == 910)
        #expect(RingZoneMask(zones: [], in: frame).coveredPixelCount == 0)
    }

    @Test func edgesOnPixelBordersTakeNoPixelTooMany() throws {
        let frame = try self.frame(100, 10)
        let box = RingZoneRectangle(pixelX: 20, y: 2, width: 44, height: 3, in: frame)
        let mask = RingZoneMask(zones: [RingZone(vertices: box.corners)], in: frame)
        #expect((0..<10).map { mask.runs(inRow: $0) } == [[], [], [20..<64], [20..<64], [20..<64], [], [], [], [], []])
    }

    @Test func aPixelThatIsTouchedAtAllIsCovered() throws {
        let frame = try self.frame(10, 10)
        // A sliver between two pixel centres, in both directions.
        let flat = RingZoneRectangle(pixelX: 1.2, y: 3.1, width: 5, height: 0.2, in: frame)
        let tall = RingZoneRectangle(pixelX: 8.6, y: 1.5, width: 0.1, height: 6, in: frame)
        let mask = RingZoneMask(zones: [RingZone(vertices: flat.corners), RingZone(vertices: tall.corners)], in: frame)
        #expect(mask.runs(inRow: 3) == [1..<7, 8..<9])
        #expect((0..<10).filter { mask.covers(x: 8, y: $0) } == [1, 2, 3, 4, 5, 6, 7])
        #expect(mask.coveredPixelCount == 13)
    }

    @Test func agreesWithTheZoneAtEveryPixelOfAConcaveOne() throws {
        let frame = try self.frame(97, 61)
        let zone = RingZone(vertices: [
            .init(x: 0.13, y: 0.08), .init(x: 0.9, y: 0.31), .init(x: 0.47, y: 0.44), .init(x: 0.83, y: 0.93),
            .init(x: 0.41, y: 0.62), .init(x: 0.05, y: 0.97), .init(x: 0.29, y: 0.5),
        ])
        let mask = RingZoneMask(zones: [zone], in: frame)
        for y in 0..<61 {
            for x in 0..<97 {
                let pixel = RingZoneRectangle(pixelX: Double(x), y: Double(y), width: 1, height: 1, in: frame)
                let isCovered = mask.covers(x: x, y: y)
                // Whatever is partly inside is covered; what is covered at least touches.
                if zone.coverage(of: pixel) > 1e-9 { #expect(isCovered, "pixel \(x), \(y) shows") }
                if isCovered { #expect(zone.intersects(pixel), "pixel \(x), \(y) is covered for nothing") }
            }
        }
    }

    @Test func verticesFarOutsideDoNoHarm() throws {
        let frame = try self.frame(64, 64)
        let huge = 1e300
        let zone = RingZone(vertices: [
            .init(x: -huge, y: -huge), .init(x: huge, y: -huge), .init(x: huge, y: huge), .init(x: -huge, y: huge),
        ])
        #expect(RingZoneMask(zones: [zone], in: frame).coveredPixelCount == 4096)
        let odd = RingZone(vertices: [.init(x: .nan, y: 0), .init(x: 1, y: .infinity), .init(x: 0, y: 1)])
        #expect(RingZoneMask(zones: [odd], in: frame).coveredPixelCount == 4096)
    }

    @Test func appliesToPackedPicturesWithPadding() throws {
        let frame = try self.frame(4, 2)
        let right = RingZoneRectangle(x: 0.5, y: 0, width: 0.5, height: 1)
        let mask = RingZoneMask(zones: [RingZone(vertices: right.corners)], in: frame)
        var plane = [UInt8](repeating: 9, count: 10)
        mask.apply(to: &plane, bytesPerPixel: 1, bytesPerRow: 5)
        #expect(plane == [9, 9, 0, 0, 9, 9, 9, 0, 0, 9])
        var short = [UInt8](repeating: 9, count: 7)
        mask.apply(to: &short, bytesPerPixel: 2, writing: 1)
        #expect(short == [9, 9, 9, 9, 1, 1, 1])
    }
}
