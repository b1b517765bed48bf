import RingDevices
import RingJSONAPI
import RingPartner

/// `chime …`: sounds.
enum ChimeCommands {
    static let all: [Command] = [play]

    private static let play = Command(
        path: ["chime", "play"], summary: "play a sound on a chime", usage: "ID --audio-ref R [--form FORM]",
        detail:
            "It is heard, so it is sent once. Sources disagree on the body: --form resource (the default) is the most "
            + "credible one, flat another reading; with event, R names a slot's event such as ring-appstore-event-1.",
        flags: [
            Flag(name: "--audio-ref", value: "R", help: "the sound; `devices configurations` lists those of the slots"),
            Flag(
                name: "--form", value: "FORM", help: "the form of the body: resource, flat or event",
                completes: .words(["resource", "flat", "event"])),
        ],
        positionals: 1...1, completes: .device,
        run: { context in
            let sound = try context.arguments.required("--audio-ref")
            guard !sound.isEmpty else { throw UsageError("--audio-ref must not be empty") }
            let body: RingChimeBody
            switch context.arguments["--form"] ?? "resource" {
            case "resource": body = .resource(RingAudioReference(rawValue: sound))
            case "flat": body = .flat(RingAudioReference(rawValue: sound))
            case "event": body = .event(RingChimeEvent(rawValue: sound))
            default: throw UsageError("--form takes resource, flat or event")
            }
            let api = try await context.api()
            let playback = try await RingDevicesClient(api: api).playChime(try await context.device(api), body: body)
            try context.output.result(["status": .string(playback.status)], text: playback.status)
        })
}
