/// Every command, in the order help lists them. A room's commands stand in a file of their own.
enum CommandTable {
    static let all: [Command] = [
        AuthCommands.all,
        AccountCommands.all,
        DeviceCommands.all,
        EventCommands.all,
        MediaCommands.all,
        ChimeCommands.all,
        WebhookCommands.all,
        NonceCommands.all,
        LiveCommands.all,
        SimulatorCommands.all,
    ].flatMap { $0 }
}
