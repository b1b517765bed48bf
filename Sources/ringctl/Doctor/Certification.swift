/// What Ring's certification asks for and a person has to check.
enum Certification {
    static let findings: [Finding] = [
        ("urls", "all four URLs are in the tab of the environment, https, and stay as they are during the review"),
        ("homepage", "the App Homepage URL opens without parameters, after linking and from Manage App"),
        ("sign_in", "nothing is linked before the user has signed in or signed up at your service"),
        (
            "removal",
            "app_integration_removed and device_removed end work, and delete the user's media and personal data"
        ),
        ("zones", "privacy zones are never shown, analysed or stored unmasked"),
        ("names", "devices are shown by their names, and offline ones dimmed"),
        ("settings", "users are sent to the Ring app for Smart Alerts and motion zones: both are read-only here"),
        ("no_plan", "users without a plan see a page that says so; the reviewer has a test account without this gate"),
        ("live_limits", "live video closes with its page, and ends at 30 s on battery and 60 s on mains power"),
        ("watermark", "Ring's watermark stays in every picture"),
        ("secrets", "client secret, HMAC key and tokens are on the backend only, encrypted at rest and never logged"),
        ("disclosure", "retention is disclosed, pages are accessible, and routine mail is sent at most once a day"),
    ].map { .unchecked("certification_\($0.0)", "to check by hand: \($0.1)") }
}
