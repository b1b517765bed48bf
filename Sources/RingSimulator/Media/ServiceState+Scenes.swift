internal import RingCore
internal import RingListener

/// What the cameras show: the bodies of media responses.
extension ServiceState {
    /// The body of a still or a clip: the scene of the device at that time.
    func mediaBody(_ ticket: Ticket) -> Response.Body {
        let timeline = self.timeline(of: ticket.device, around: ticket.start...(ticket.start + max(0, ticket.length)))
        let limit = self.switches.limit(.mediaBytesPerSecond)
        func stream(_ source: MediaStream.Source) -> MediaStream {
            MediaStream(source: source, bytesPerSecond: limit, clock: self.mediaClock)
        }
        guard !ticket.isImage else {
            let bytes = Self.still(timeline, ticket.start, ticket.options)
            return limit == 0
                ? .bytes(bytes)
                : .stream(length: Int64(bytes.count), stream(.bytes(bytes)))
        }
        let clip = ClipFile(
            timeline: timeline,
            size: ticket.options.isHEVC
                ? VideoPack.standardSize
                : ticket.options.size(of: VideoPack.sizes, standard: VideoPack.standardSize),
            isHEVC: ticket.options.isHEVC, start: ticket.start, milliseconds: max(1, ticket.length),
            rate: ticket.options.rate,
            hasSound: ticket.options.hasSound)
        let layout = ClipFile.Layout(clip)
        return .stream(length: Int64(clip.head(layout).count + layout.mediaBytes), stream(.clip(clip, layout)))
    }

    private static func still(_ timeline: SceneTimeline, _ time: Int64, _ options: MediaOptions) -> [UInt8] {
        let moment = timeline.moment(at: time)
        let text = TimeText.of(time)
        if options.isPNG { return Stills.png[moment.scene]?.png(moment, text) ?? [] }
        let size = options.size(of: Stills.sizes, standard: Stills.sizes.count - 1)
        return Stills.jpeg[moment.scene]?[size].jpeg(moment, text) ?? []
    }

    /// The scenes of a device at a time and next to it. Live sessions show the place as it is.
    func timeline(of device: RingDeviceID, around range: ClosedRange<Int64>) -> SceneTimeline {
        let seed = "\(self.configuration.seed)/\(device.rawValue)"
        let events = (self.history[device] ?? []).filter { $0.type != "on_demand" }.sorted { $0.start < $1.start }
        let first = events.lastIndex { $0.start <= range.lowerBound } ?? 0
        let last = events.firstIndex { $0.start > range.upperBound } ?? events.count - 1
        let near = first <= last ? events[first...last] : []
        return SceneTimeline(
            actions: near.map { event in
                SceneTimeline.Action(
                    start: event.start, end: event.end,
                    scene: Scene(event: event.type, event.subType, key: "\(seed)/\(event.id)"))
            }, place: Scene(event: "", nil, key: seed))
    }
}

/// The prepared stills.
private enum Stills {
    /// The sizes of JPEG; PNG has the first one.
    static let sizes = [(width: 640, height: 360), (width: 1280, height: 720)]

    static let jpeg: [Scene: [StillPack]] = {
        var packs: [Scene: [StillPack]] = [:]
        for scene in Scene.allCases { packs[scene] = scene.jpegTexts.map { StillPack($0, isPNG: false) } }
        return packs
    }()

    static let png: [Scene: StillPack] = {
        var packs: [Scene: StillPack] = [:]
        for scene in Scene.allCases { packs[scene] = StillPack(scene.pngText, isPNG: true) }
        return packs
    }()
}
