/// A part of a camera's picture: a polygon, convex or not.
///
/// Wire: an entry of `motion_zones` or `privacy_zones`. Its last vertex is joined to the first; where its own edges
/// cross, every second region is outside (the even-odd rule).
public struct RingZone: Hashable, Sendable, Codable, Identifiable {
    /// Names the zone, a UUID as a rule; empty when the response has none.
    ///
    /// Wire: `id`.
    public var id: String
    /// The corners in order. Eight in every sample seen; the count is not fixed.
    ///
    /// Wire: `vertices`.
    public var vertices: [RingZonePoint]

    /// Creates a zone.
    public init(id: String = "", vertices: [RingZonePoint]) {
        self.id = id
        self.vertices = vertices
    }

    /// The smallest upright rectangle around the zone; `nil` without vertices.
    package var bounds: RingZoneRectangle? {
        guard let first = self.vertices.first else { return nil }
        var bounds = RingZoneRectangle(first, first)
        for vertex in self.vertices.dropFirst() {
            bounds.minX = min(bounds.minX, vertex.x)
            bounds.maxX = max(bounds.maxX, vertex.x)
            bounds.minY = min(bounds.minY, vertex.y)
            bounds.maxY = max(bounds.maxY, vertex.y)
        }
        return bounds
    }

    /// The share of the picture inside the zone, for polygons whose edges do not cross.
    package var area: Double { abs(Self.signedArea(self.vertices)) }

    internal static func signedArea(_ vertices: [RingZonePoint]) -> Double {
        guard var previous = vertices.last else { return 0 }
        var sum = 0.0
        for vertex in vertices {
            sum += previous.x * vertex.y - vertex.x * previous.y
            previous = vertex
        }
        return sum / 2
    }

    /// Calls a function with each edge.
    internal func forEachEdge(_ body: (RingZonePoint, RingZonePoint) -> Void) {
        guard var previous = self.vertices.last else { return }
        for vertex in self.vertices {
            body(previous, vertex)
            previous = vertex
        }
    }
}
