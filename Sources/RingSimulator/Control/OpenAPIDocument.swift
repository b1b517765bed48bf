internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The description of the control origin: OpenAPI 3.1, made from the routes, so that it cannot forget one.
extension ControlAPI {
    static let descriptionRoutes: [ControlRoute] = [
        ControlRoute(
            "GET", "/openapi.json", "getDescription", "This description",
            replies: [.init(200, "An OpenAPI 3.1 document", "Document")]
        ) { _, simulator in .json(200, Self.document(simulator.controlURL)) },
        ControlRoute(
            "GET", "/openapi", "showDescription", "This description, as a page for people",
            replies: [.init(200, "A web page")]
        ) { _, simulator in OpenAPIPage.response(simulator.controlURL) },
    ]

    /// The OpenAPI document.
    static func document(_ origin: String) -> JSONAPILiteral {
        var paths: [(String, [(String, JSONAPILiteral)])] = []
        for route in Self.routes {
            let operation = (route.method.lowercased(), Self.operation(route))
            if let index = paths.firstIndex(where: { $0.0 == route.path }) {
                paths[index].1.append(operation)
            } else {
                paths.append((route.path, [operation]))
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Control origin of the Ring simulator", "version": "1",
                "description": .string(
                    "For tests in any language. It responds on this machine only; requests that a browser sends for a "
                        + "page of another origin are refused. Errors have an errors array with status, title and detail."
                ),
            ],
            "servers": [["url": .string(origin)]],
            "paths": .object(paths.map { ($0.0, .object($0.1)) }),
            "components": ["schemas": .object(OpenAPISchemas.all.map { ($0.name, $0.schema) })],
        ]
    }

    private static func operation(_ route: ControlRoute) -> JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("operationId", .string(route.id)), ("summary", .string(route.summary)),
        ]
        if !route.parameters.isEmpty {
            members.append(
                (
                    "parameters",
                    .array(
                        route.parameters.map { parameter in
                            [
                                "name": .string(parameter.name), "in": parameter.isInPath ? "path" : "query",
                                "required": .bool(parameter.isInPath), "description": .string(parameter.description),
                                "schema": parameter.schema,
                            ]
                        })
                ))
        }
        if let body = route.body {
            members.append(("requestBody", ["content": ["application/json": ["schema": Self.reference(body)]]]))
        }
        var replies = route.replies
        for (status, description) in [(400, "A mistake of the caller"), (403, "Not for pages of other origins")]
        where !replies.contains(where: { $0.status == status }) {
            replies.append(ControlRoute.Reply(status, description, "Errors"))
        }
        members.append(
            (
                "responses",
                .object(
                    replies.map { reply in
                        var members: [(String, JSONAPILiteral)] = [("description", .string(reply.description))]
                        if let schema = reply.schema {
                            members.append(("content", ["application/json": ["schema": Self.reference(schema)]]))
                        }
                        return (String(reply.status), .object(members))
                    })
            ))
        return .object(members)
    }

    private static func reference(_ name: String) -> JSONAPILiteral {
        ["$ref": .string("#/components/schemas/\(name)")]
    }
}
