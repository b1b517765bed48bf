import RingPartner

/// A picture as a processor in Swift gets it: how bright each pixel is, from 0 to 255.
protocol LumaPicture {
    var width: Int { get }
    var height: Int { get }
    /// Row after row, without padding.
    var luma: [UInt8] { get }
}

/// Measures how much moves in a camera's picture, and in each of its motion zones.
///
/// The privacy zones are covered before anything is looked at, and what they touch is not counted. Each picture is compared with the
/// one before, as a grid whose cells are means of many pixels: noise of the camera and of the compression is no movement.
struct MotionMeter: Sendable {
    /// What moved between two pictures.
    struct Scores: Equatable, Sendable {
        /// The share of the picture that changed, from 0 to 1, without its privacy zones; `nil` when all of it is private.
        var picture: Double?
        /// The same for each motion zone, in their order.
        var zones: [Double?]
    }

    /// How much brighter or darker a cell must become to count.
    static let threshold = 22
    private static let columns = 160
    private static let rows = 90

    private let image: RingImageConfiguration?
    private let motion: [RingZone]
    /// The visible cells of the picture, and of each motion zone.
    private let cells: [Int]
    private let zoneCells: [[Int]]
    private var mask: RingZoneMask?
    private var previous: [Int]?

    /// - Parameters:
    ///   - motion: The motion zones.
    ///   - image: Knows the privacy zones. With `nil` they are not known, and the whole picture is private.
    init(motion: [RingZone], image: RingImageConfiguration?) {
        self.image = image
        self.motion = motion
        guard let image, let grid = RingFrameSize(width: Self.columns, height: Self.rows) else {
            (self.cells, self.zoneCells) = ([], motion.map { _ in [] })
            return
        }
        let covered = image.privacyMask(in: grid)
        func visible(_ isWanted: (Int, Int) -> Bool) -> [Int] {
            (0..<Self.rows * Self.columns).filter {
                let (y, x) = $0.quotientAndRemainder(dividingBy: Self.columns)
                return !covered.covers(x: x, y: y) && isWanted(x, y)
            }
        }
        self.cells = visible { _, _ in true }
        self.zoneCells = motion.map { zone in
            let mask = RingZoneMask(zones: [zone], in: grid)
            return visible { mask.covers(x: $0, y: $1) }
        }
    }

    /// Takes the next picture.
    ///
    /// - Returns: What moved since the one before; `nil` for the first one, and for one whose bytes do not fit its size.
    mutating func scores(of picture: some LumaPicture) -> Scores? {
        guard let means = self.means(of: picture) else { return nil }
        defer { self.previous = means }
        guard let previous = self.previous else { return nil }
        func share(_ cells: [Int]) -> Double? {
            guard !cells.isEmpty else { return nil }
            return Double(cells.count { abs(means[$0] - previous[$0]) >= Self.threshold }) / Double(cells.count)
        }
        return Scores(picture: share(self.cells), zones: self.zoneCells.map(share))
    }

    /// The mean brightness of each visible cell; 0 for all others.
    private mutating func means(of picture: some LumaPicture) -> [Int]? {
        guard let frame = RingFrameSize(width: picture.width, height: picture.height),
            picture.luma.count == frame.width * frame.height
        else { return nil }
        let width = frame.width
        var means = Array(repeating: 0, count: Self.columns * Self.rows)
        guard let image else { return means }
        var luma = picture.luma
        if self.mask?.frame != frame { self.mask = image.privacyMask(in: frame) }
        self.mask?.apply(to: &luma, bytesPerPixel: 1)
        for cell in self.cells {
            let (row, column) = cell.quotientAndRemainder(dividingBy: Self.columns)
            let (left, top) = (column * width / Self.columns, row * frame.height / Self.rows)
            // At least one pixel, also where the picture is smaller than the grid.
            let right = max((column + 1) * width / Self.columns, left + 1)
            let bottom = max((row + 1) * frame.height / Self.rows, top + 1)
            var sum = 0
            for y in top..<bottom {
                for index in y * width + left..<y * width + right { sum += Int(luma[index]) }
            }
            means[cell] = sum / ((right - left) * (bottom - top))
        }
        return means
    }
}
