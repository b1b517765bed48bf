internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The description of the control origin as a page for people: no scripts, readable on small screens and in the dark.
enum OpenAPIPage {
    static func response(_ origin: String) -> RingListenerResponse {
        var response = RingListenerResponse(
            status: 200, contentType: "text/html; charset=utf-8", text: Self.page(origin))
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    private static func page(_ origin: String) -> String {
        let list = ControlAPI.routes.map { route in
            "<li><a href=\"#\(route.id)\"><code>\(route.method) \(Self.escaped(route.path))</code></a></li>"
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Control origin of the Ring simulator</title><style>\(Self.style)</style></head><body><main>
            <h1>Control origin of the Ring simulator</h1>
            <p>At <code>\(Self.escaped(origin))</code>, for this machine only. As a document for programs:
            <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). Errors have an <code>errors</code> array whose
            <code>detail</code> names the mistake.</p>
            <nav><ul>\(list.joined())</ul></nav>
            \(ControlAPI.routes.map(Self.section).joined(separator: "\n"))
            <h2>Schemas</h2>
            \(OpenAPISchemas.all.map { Self.schema($0.name, $0.schema) }.joined(separator: "\n"))
            </main></body></html>
            """
    }

    private static func section(_ route: ControlRoute) -> String {
        var text = "<section id=\"\(route.id)\"><h2><code>\(route.method) \(self.escaped(route.path))</code></h2>"
        text += "<p>\(self.escaped(route.summary)).</p>"
        if !route.parameters.isEmpty {
            text += "<dl>"
            for parameter in route.parameters {
                let place = parameter.isInPath ? "path" : "query"
                text += "<dt><code>\(self.escaped(parameter.name))</code> (\(place))</dt>"
                text += "<dd>\(self.escaped(parameter.description))</dd>"
            }
            text += "</dl>"
        }
        if let body = route.body { text += "<p>Body: \(self.link(body)).</p>" }
        text += "<ul>"
        for reply in route.replies {
            let schema = reply.schema.map { ": \(self.link($0))" } ?? ""
            text += "<li><b>\(reply.status)</b> \(self.escaped(reply.description))\(schema)</li>"
        }
        return text + "</ul></section>"
    }

    private static func schema(_ name: String, _ schema: JSONAPILiteral) -> String {
        "<details id=\"schema-\(name)\"><summary>\(name)</summary><pre>\(self.escaped(schema.line))</pre></details>"
    }

    private static func link(_ schema: String) -> String { "<a href=\"#schema-\(schema)\">\(schema)</a>" }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:60rem;margin:auto;\
        padding:1rem}code,pre{font-family:ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}\
        h2{font-size:1.1rem;margin-top:2rem}dt{font-weight:600}nav ul{columns:18rem;padding-left:1.2rem}
        """
}
