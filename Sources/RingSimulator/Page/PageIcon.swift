/// Drawings of the page. They take their colour from the text around them.
enum PageIcon {
    static let brand: HTML = """
        <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4">\
        <circle cx="12" cy="12" r="9.5"/><circle cx="12" cy="12" r="4" fill="currentColor" stroke="none"/></svg>
        """

    /// The icon of the browser's tab, which is seen on light and on dark ground.
    static let file = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#5b74f0" stroke-width="2.4">\
        <circle cx="12" cy="12" r="9.5"/><circle cx="12" cy="12" r="4" fill="#5b74f0" stroke="none"/></svg>
        """

    static func of(_ kind: RingSimulatorDevice.Kind) -> HTML {
        let shape: HTML =
            switch kind {
            case .floodFreeze:
                "<path d=\"M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z\"/><path d=\"M9 14a3 3 0 0 0 3 3\"/>"
            case .contact: "<path d=\"M5 21V4l9-2v21M14 5h5v16M3 21h18\"/><circle cx=\"11.3\" cy=\"12\" r=\".6\"/>"
            case .temperatureHumidity: "<path d=\"M10 14V5a2 2 0 0 1 4 0v9a4 4 0 1 1-4 0zM12 9v8\"/>"
            case .airQuality: "<path d=\"M3 9h11a3 3 0 1 0-3-3M3 13h15a3 3 0 1 1-3 3M3 17h7\"/>"
            case .chime: "<path d=\"M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21.5h4M12 5V3\"/>"
            case .doorbell:
                "<rect x=\"8\" y=\"2.5\" width=\"8\" height=\"19\" rx=\"3\"/><circle cx=\"12\" cy=\"7\" r=\"1.6\"/><circle cx=\"12\" cy=\"16\" r=\"2.4\"/>"
            default: "<rect x=\"3\" y=\"7\" width=\"12\" height=\"10\" rx=\"2.5\"/><path d=\"M15 11l6-3v8l-6-3\"/>"
            }
        return """
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.4" \
            stroke-linejoin="round" stroke-linecap="round">\(shape)</svg>
            """
    }
}
