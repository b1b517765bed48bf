internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension SimulatorWorld {
    /// Notes a request, without secrets.
    func note(_ origin: String, _ request: RingListenerRequest, _ response: RingListenerResponse) {
        let entry = RingSimulatorJournalEntry(
            origin: origin, method: request.method, path: request.path,
            hadAuthorization: request.headers["Authorization"] != nil, status: response.status)
        self.state.withLock { $0.journal.append(entry) }
    }

    /// The control origin, for other programs.
    func control(_ request: RingListenerRequest) async -> RingListenerResponse {
        switch (request.method, request.path) {
        case ("GET", "/journal"):
            let entries: [JSONAPILiteral] = self.state.withLock { $0.journal }.map { entry in
                [
                    "origin": .string(entry.origin), "method": .string(entry.method), "path": .string(entry.path),
                    "authorization": .bool(entry.hadAuthorization), "status": .int(Int64(entry.status)),
                ]
            }
            return .json(200, ["requests": .array(entries)])
        case ("POST", "/code"): return .json(200, ["code": .string(self.makeCode())])
        case ("POST", "/redirect"):
            let redirect = self.makeRedirect()
            return .json(200, ["nonce": .string(redirect.nonce), "time": .string(redirect.time)])
        default: return RingListenerResponse(status: 404)
        }
    }
}
