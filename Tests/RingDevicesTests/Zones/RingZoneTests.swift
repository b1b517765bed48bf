import RingDevices
import Testing

@Suite struct RingZoneTests {
    /// A U: a square with a notch from the top, 0.4 to 0.6 wide, down to 0.7.
    private let concave = RingZone(vertices: [
        .init(x: 0.2, y: 0.2), .init(x: 0.4, y: 0.2), .init(x: 0.4, y: 0.7), .init(x: 0.6, y: 0.7),
        .init(x: 0.6, y: 0.2), .init(x: 0.8, y: 0.2), .init(x: 0.8, y: 0.8), .init(x: 0.2, y: 0.8),
    ])
    private let half = RingZone(vertices: [
        .init(x: 0, y: 0.5), .init(x: 1, y: 0.5), .init(x: 1, y: 1), .init(x: 0, y: 1),
    ])

    @Test(arguments: [
        (0.3, 0.5, true), (0.5, 0.5, false), (0.5, 0.75, true), (0.7, 0.3, true), (0.1, 0.5, false), (0.5, 0.1, false),
        // On edges and vertices, those of the notch included.
        (0.4, 0.5, true), (0.5, 0.7, true), (0.2, 0.2, true), (0.8, 0.8, true), (0.6, 0.2, true), (0.3, 0.2, true),
        // Beside them by less than a pixel of a 4K picture.
        (0.4001, 0.5, false), (0.3999, 0.5, true), (0.5, 0.6999, false), (0.5, 0.7001, true), (.nan, 0.5, false),
    ])
    func aConcaveZoneKnowsItsInside(x: Double, y: Double, isInside: Bool) {
        #expect(self.concave.contains(RingZonePoint(x: x, y: y)) == isInside)
        // The direction in which the corners are listed does not count.
        #expect(RingZone(vertices: self.concave.vertices.reversed()).contains(RingZonePoint(x: x, y: y)) == isInside)
    }

    @Test func pixelsAndSharesAgree() throws {
        let frame = try #require(RingFrameSize(width: 1920, height: 1080))
        #expect(self.half.contains(pixelX: 0, pixelY: 540, in: frame))
        #expect(!self.half.contains(pixelX: 960, pixelY: 539.5, in: frame))
        #expect(RingZonePoint(x: 0.5, y: 0.25).pixel(in: frame) == (960, 270))
        #expect(RingFrameSize(width: 0, height: 1) == nil)
        #expect(RingFrameSize(width: 1, height: 16_385) == nil)
    }

    @Test func rectanglesTouchEnterOrMiss() {
        func box(_ x: Double, _ y: Double, _ w: Double, _ h: Double) -> RingZoneRectangle {
            RingZoneRectangle(x: x, y: y, width: w, height: h)
        }
        // Inside the notch, and touching its bottom.
        #expect(!self.concave.intersects(box(0.45, 0.3, 0.1, 0.3)))
        #expect(self.concave.intersects(box(0.45, 0.3, 0.1, 0.4)))
        // Over the notch from arm to arm: corners inside, the middle not.
        #expect(self.concave.intersects(box(0.3, 0.3, 0.4, 0.1)))
        #expect(!self.concave.contains(box(0.3, 0.3, 0.4, 0.1)))
        #expect(self.concave.contains(box(0.2, 0.7, 0.6, 0.1)))
        #expect(self.concave.contains(box(0.2, 0.2, 0.2, 0.6)))
        // Around the whole zone, and crossing it without a corner in it.
        #expect(self.concave.intersects(.wholePicture))
        #expect(self.concave.intersects(box(0, 0.5, 1, 0.01)))
        #expect(!self.concave.intersects(box(0.85, 0, 0.1, 1)))
    }

    @Test func coverageIsTheShareOfTheRectangle() {
        #expect(abs(self.half.coverage(of: .wholePicture) - 0.5) < 1e-12)
        #expect(self.half.coverage(of: RingZoneRectangle(x: 0, y: 0, width: 1, height: 0.4)) == 0)
        // Of the box over the notch half is arms.
        let over = self.concave.coverage(of: RingZoneRectangle(x: 0.3, y: 0.3, width: 0.4, height: 0.1))
        #expect(abs(over - 0.5) < 1e-12)
        #expect(abs(self.concave.area - 0.26) < 1e-12)
        #expect(self.half.coverage(of: RingZoneRectangle(x: 0.5, y: 0.75, width: 0, height: 0)) == 1)
        #expect(RingZone(vertices: []).coverage(of: .wholePicture) == 0)
    }

    @Test func aZoneWithoutCornersHoldsNothing() {
        let empty = RingZone(vertices: [])
        #expect(empty.bounds == nil && empty.area == 0)
        #expect(!empty.contains(RingZonePoint(x: 0, y: 0)))
        #expect(!empty.intersects(.wholePicture))
    }
}
