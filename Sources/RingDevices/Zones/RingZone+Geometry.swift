extension RingZone {
    /// How far off an edge still counts as on it: a ten-thousandth of a pixel of a 4K picture.
    private static let tolerance = 1e-8

    /// Whether a point is inside the zone. Points on an edge or a vertex are.
    public func contains(_ point: RingZonePoint) -> Bool {
        var isInside = false
        var isOnEdge = false
        self.forEachEdge { from, to in
            if Self.isOn(point, from, to) { isOnEdge = true }
            if (from.y > point.y) != (to.y > point.y) {
                let x = from.x + (point.y - from.y) / (to.y - from.y) * (to.x - from.x)
                if x > point.x { isInside.toggle() }
            }
        }
        return isOnEdge || isInside
    }

    /// Whether a place in pixels of a frame is inside the zone. Pixel edges are whole numbers, centres end in .5.
    package func contains(pixelX x: Double, pixelY y: Double, in frame: RingFrameSize) -> Bool {
        self.contains(RingZonePoint(pixelX: x, pixelY: y, in: frame))
    }

    /// Whether the zone and a rectangle share at least a point; touching counts.
    public func intersects(_ rectangle: RingZoneRectangle) -> Bool {
        if self.vertices.contains(where: { rectangle.contains($0) }) { return true }
        if rectangle.corners.contains(where: { self.contains($0) }) { return true }
        var isCrossing = false
        self.forEachEdge { from, to in
            if Self.crosses(from, to, rectangle) { isCrossing = true }
        }
        return isCrossing
    }

    /// Whether the whole rectangle is inside the zone, edges included.
    public func contains(_ rectangle: RingZoneRectangle) -> Bool {
        guard rectangle.corners.allSatisfy({ self.contains($0) }) else { return false }
        // In a concave zone the corners may be inside while a notch cuts through: no edge may enter the inside.
        let inner = RingZoneRectangle(
            RingZonePoint(x: rectangle.minX + Self.tolerance, y: rectangle.minY + Self.tolerance),
            RingZonePoint(x: rectangle.maxX - Self.tolerance, y: rectangle.maxY - Self.tolerance))
        guard rectangle.maxX - rectangle.minX > 2 * Self.tolerance, rectangle.maxY - rectangle.minY > 2 * Self.tolerance
        else { return true }
        var isCut = false
        self.forEachEdge { from, to in
            if Self.crosses(from, to, inner) { isCut = true }
        }
        return !isCut
    }

    /// The share of a rectangle that is inside the zone, 0 to 1, for polygons whose edges do not cross.
    ///
    /// For a rectangle without area it is 1 or 0, as its centre is inside or not.
    public func coverage(of rectangle: RingZoneRectangle) -> Double {
        guard rectangle.area > 0 else {
            let centre = RingZonePoint(
                x: (rectangle.minX + rectangle.maxX) / 2, y: (rectangle.minY + rectangle.maxY) / 2)
            return self.contains(centre) ? 1 : 0
        }
        // Sutherland–Hodgman against the four sides; the slivers it leaves in concave polygons have no area.
        var clipped = self.vertices
        clipped = Self.clip(clipped) { $0.x - rectangle.minX }
        clipped = Self.clip(clipped) { rectangle.maxX - $0.x }
        clipped = Self.clip(clipped) { $0.y - rectangle.minY }
        clipped = Self.clip(clipped) { rectangle.maxY - $0.y }
        return min(abs(Self.signedArea(clipped)) / rectangle.area, 1)
    }

    private static func clip(
        _ vertices: [RingZonePoint], _ distance: (RingZonePoint) -> Double
    ) -> [RingZonePoint] {
        guard var previous = vertices.last else { return [] }
        var result: [RingZonePoint] = []
        var before = distance(previous)
        for vertex in vertices {
            let after = distance(vertex)
            if (before < 0) != (after < 0) {
                let share = before / (before - after)
                result.append(
                    RingZonePoint(
                        x: previous.x + share * (vertex.x - previous.x),
                        y: previous.y + share * (vertex.y - previous.y)))
            }
            if after >= 0 { result.append(vertex) }
            (previous, before) = (vertex, after)
        }
        return result
    }

    private static func isOn(_ point: RingZonePoint, _ from: RingZonePoint, _ to: RingZonePoint) -> Bool {
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        let length = dx * dx + dy * dy
        let share = length > 0 ? ((point.x - from.x) * dx + (point.y - from.y) * dy) / length : 0
        let bounded = min(max(share, 0), 1)
        let (x, y) = (from.x + bounded * dx - point.x, from.y + bounded * dy - point.y)
        return x * x + y * y <= Self.tolerance * Self.tolerance
    }

    /// Whether a line from one point to another meets a rectangle (Liang–Barsky).
    private static func crosses(_ from: RingZonePoint, _ to: RingZonePoint, _ rectangle: RingZoneRectangle) -> Bool {
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        var (enter, leave) = (0.0, 1.0)
        let sides = [
            (-dx, from.x - rectangle.minX), (dx, rectangle.maxX - from.x), (-dy, from.y - rectangle.minY),
            (dy, rectangle.maxY - from.y),
        ]
        for (slope, distance) in sides {
            if slope == 0 {
                if distance < 0 { return false }
            } else if slope < 0 {
                enter = max(enter, distance / slope)
            } else {
                leave = min(leave, distance / slope)
            }
            if enter > leave { return false }
        }
        return true
    }
}
