/// Small parts that several pages use.
enum Part {
    static func badge(_ text: String, _ style: String = "") -> HTML { "<span class=\"badge \(style)\">\(text)</span>" }

    /// What a list shows when there is nothing in it, and what to do then.
    static func empty(_ title: String, _ advice: HTML) -> HTML {
        "<div class=\"empty\" data-empty><strong>\(title)</strong><p>\(advice)</p></div>"
    }

    static func select(_ label: String, name: String, options: [(value: String, title: String)], selected: String)
        -> HTML
    {
        let list = options.html { option in
            let mark: HTML = option.value == selected ? " selected" : ""
            return "<option value=\"\(option.value)\"\(mark)>\(option.title)</option>"
        }
        return """
            <div class="field"><label for="\(name)">\(label)</label>\
            <select id="\(name)" name="\(name)" data-submit>\(list)</select></div>
            """
    }
}
