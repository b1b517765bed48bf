/// Which pixels of a frame a set of zones touches: one bit for each.
///
/// A pixel counts when any part of it is in a zone, so what a privacy zone covers never shows at its border.
public struct RingZoneMask: Hashable, Sendable {
    /// The frame's size.
    public let frame: RingFrameSize
    private let wordsPerRow: Int
    private var words: [UInt64]

    /// Draws the mask of zones.
    public init(zones: [RingZone], in frame: RingFrameSize) {
        self.frame = frame
        self.wordsPerRow = (frame.width + 63) / 64
        self.words = Array(repeating: 0, count: self.wordsPerRow * frame.height)
        for zone in zones { self.draw(zone) }
    }

    /// Covers every pixel.
    package init(coveringAllOf frame: RingFrameSize) {
        self.init(zones: [], in: frame)
        self.coverAll()
    }

    /// Whether a pixel is covered; pixels outside the frame are not.
    public func covers(x: Int, y: Int) -> Bool {
        guard (0..<self.frame.width).contains(x), (0..<self.frame.height).contains(y) else { return false }
        return self.words[y * self.wordsPerRow + x / 64] >> UInt64(x % 64) & 1 == 1
    }

    /// How many pixels are covered.
    package var coveredPixelCount: Int { self.words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The stretches of covered pixels in a row, from left to right; empty for a row outside the frame.
    public func runs(inRow row: Int) -> [Range<Int>] {
        guard (0..<self.frame.height).contains(row) else { return [] }
        var runs: [Range<Int>] = []
        var x = 0
        while let start = self.next(covered: true, from: x, row: row) {
            x = self.next(covered: false, from: start, row: row) ?? self.frame.width
            runs.append(start..<x)
        }
        return runs
    }

    /// The next pixel of a row that is covered, or not; looks at 64 at a time.
    private func next(covered: Bool, from x: Int, row: Int) -> Int? {
        var x = x
        while x < self.frame.width {
            let word = self.words[row * self.wordsPerRow + x / 64]
            let left = (covered ? word : ~word) >> UInt64(x % 64)
            if left != 0 {
                let found = x + left.trailingZeroBitCount
                return found < self.frame.width ? found : nil
            }
            x += 64 - x % 64
        }
        return nil
    }

    /// Overwrites the covered pixels of a packed picture.
    ///
    /// - Parameters:
    ///   - pixels: The picture, row after row. Rows that are not there are skipped.
    ///   - bytesPerPixel: 4 for RGBA, 1 for one plane.
    ///   - bytesPerRow: Including padding; `nil` when there is none.
    ///   - value: The byte to write: 0 is black in RGB.
    public func apply(
        to pixels: inout [UInt8], bytesPerPixel: Int = 4, bytesPerRow: Int? = nil, writing value: UInt8 = 0
    ) {
        guard (1...64).contains(bytesPerPixel) else { return }
        let stride = max(bytesPerRow ?? self.frame.width * bytesPerPixel, 1)
        for row in 0..<self.frame.height {
            let (start, overflow) = row.multipliedReportingOverflow(by: stride)
            guard !overflow, start < pixels.count else { return }
            for run in self.runs(inRow: row) {
                let from = start + run.lowerBound * bytesPerPixel
                let to = min(start + run.upperBound * bytesPerPixel, pixels.count)
                for index in from..<max(from, to) { pixels[index] = value }
            }
        }
    }
}

extension RingZoneMask {
    /// Every pixel that is partly in the polygon has its centre inside, or an edge passes through it: draw both.
    private mutating func draw(_ zone: RingZone) {
        // An unknown corner may be anywhere.
        guard !zone.vertices.contains(where: { $0.x.isNaN || $0.y.isNaN }) else {
            self.coverAll()
            return
        }
        let (width, height) = (Double(self.frame.width), Double(self.frame.height))
        // Far outside the picture nothing is drawn, and a vertex at 1e300 must not make the arithmetic meaningless.
        let vertices = zone.vertices.map { vertex in
            (x: min(max(vertex.x, -4), 5) * width, y: min(max(vertex.y, -4), 5) * height)
        }
        guard var previous = vertices.last else { return }
        var crossings: [[Double]] = Array(repeating: [], count: self.frame.height)
        for vertex in vertices {
            self.drawEdge(previous, vertex, &crossings)
            previous = vertex
        }
        for (row, list) in crossings.enumerated() where list.count >= 2 {
            let sorted = list.sorted()
            for pair in stride(from: 0, to: sorted.count - 1, by: 2) {
                // Pixel centres end in .5: those between the two crossings.
                let from = (sorted[pair] - 0.5).rounded(.up)
                let through = (sorted[pair + 1] - 0.5).rounded(.down)
                if through >= from { self.mark(row: row, from: Int(from), through: Int(through)) }
            }
        }
    }

    /// Marks the pixels an edge passes through, and notes where it crosses the middle of each row.
    private mutating func drawEdge(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ crossings: inout [[Double]]
    ) {
        let (top, bottom) = from.y <= to.y ? (from, to) : (to, from)
        let first = max(Int(top.y.rounded(.down)), 0)
        let last = min(Int(bottom.y.rounded(.down)), self.frame.height - 1)
        guard first <= last else { return }
        let slope = bottom.y > top.y ? (bottom.x - top.x) / (bottom.y - top.y) : 0
        func x(at y: Double) -> Double { top.x + (y - top.y) * slope }
        for row in first...last {
            let (upper, lower) = (max(Double(row), top.y), min(Double(row) + 1, bottom.y))
            let isFlat = bottom.y == top.y
            let (left, right) = isFlat ? (top.x, bottom.x) : (x(at: upper), x(at: lower))
            // An edge that ends or runs exactly on a pixel's border does not reach into the pixel beyond.
            let from = Int(min(left, right).rounded(.down))
            let through = Int(max(left, right).rounded(.up)) - 1
            if lower > upper || isFlat && top.y > Double(row) { self.mark(row: row, from: from, through: through) }
            let middle = Double(row) + 0.5
            if top.y <= middle, bottom.y > middle { crossings[row].append(x(at: middle)) }
        }
    }

    private mutating func coverAll() {
        for row in 0..<self.frame.height { self.mark(row: row, from: 0, through: self.frame.width - 1) }
    }

    private mutating func mark(row: Int, from: Int, through: Int) {
        let (from, through) = (max(from, 0), min(through, self.frame.width - 1))
        guard from <= through else { return }
        let (first, last) = (from / 64, through / 64)
        for word in first...last {
            var bits = UInt64.max
            if word == first { bits &= UInt64.max << UInt64(from % 64) }
            if word == last { bits &= UInt64.max >> UInt64(63 - through % 64) }
            self.words[row * self.wordsPerRow + word] |= bits
        }
    }
}

/// The size of a picture in pixels.
public struct RingFrameSize: Hashable, Sendable, CustomStringConvertible {
    /// The largest width and height: 16,384 pixels.
    package static let largest = 16_384

    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int

    /// Creates a size; `nil` when a side is not between 1 and 16,384.
    public init?(width: Int, height: Int) {
        guard (1...Self.largest).contains(width), (1...Self.largest).contains(height) else { return nil }
        self.width = width
        self.height = height
    }

    /// `1920x1080`.
    public var description: String { "\(self.width)x\(self.height)" }
}
