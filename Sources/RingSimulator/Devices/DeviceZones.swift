internal import RingJSONAPI

/// The zones of cameras, which users draw in the Ring app and which no partner can change.
extension RingSimulatorDevice {
    /// The zones where motion counts.
    var presentMotionZones: [Zone] {
        if let zones = self.motionZones { return zones }
        guard self.kind.hasVideo else { return [] }
        // Eight corners, as in the documents.
        return [Self.zone((0, 0.25), (0.5, 0.25), (1, 0.25), (1, 0.6), (1, 1), (0.5, 1), (0, 1), (0, 0.6))]
    }

    /// The zones that are never shown. A camera that looks over a fence has one over the neighbour's side.
    var presentPrivacyZones: [Zone] {
        if let zones = self.privacyZones { return zones }
        guard self.kind == .camera else { return [] }
        return [Self.zone((0.78, 0.06), (1, 0.06), (1, 0.34), (0.86, 0.34), (0.78, 0.28))]
    }

    private static func zone(_ corners: (Double, Double)...) -> Zone {
        Zone(vertices: corners.map { Vertex(x: $0.0, y: $0.1) })
    }
}

extension RingSimulatorDevice.Zone {
    /// The zone as the configurations of its device have it.
    ///
    /// - Parameter number: The number of the zone among all of the account, for an id that is the same at every start.
    func literal(device: Int, number: Int) -> JSONAPILiteral {
        let digits = String(0x1_0000_0000_0000 + device << 16 + number, radix: 16).suffix(12)
        let id = self.id.isEmpty ? "2f6f3a7c-2b54-4f4e-8f5e-\(digits)" : self.id
        return ["id": .string(id), "vertices": self.verticesLiteral]
    }

    /// The zone as a scenario has it.
    var scenarioLiteral: JSONAPILiteral { ["id": .string(self.id), "vertices": self.verticesLiteral] }

    private var verticesLiteral: JSONAPILiteral {
        .array(self.vertices.map { ["x": .double($0.x), "y": .double($0.y)] })
    }
}
