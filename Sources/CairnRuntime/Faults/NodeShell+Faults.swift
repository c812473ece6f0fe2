internal import CairnWire

/// How the owner of a tested node breaks its network; other nodes do not have these paths.
extension NodeShell {
    var faultRoutes: [HTTPRoute] {
        guard let gate else { return [] }
        return [
            HTTPRoute(.get, "/v1/faults", as: "faults.show", access: .owner, "The faults in force at this node.") { _ in
                .json(gate.faults.json)
            },
            HTTPRoute(
                .post, "/v1/faults", access: .owner,
                taking: [
                    HTTPParameter("faults", in: .body, isRequired: true, "All of them, as GET /v1/faults answers them")
                ], "Puts other faults in the place of those in force."
            ) { [unowned self] call in
                guard let document = try? JSONReader.read(call.request.body), let faults = NodeFaults(document)
                else {
                    return .problem(
                        .badRequest, code: "bad-faults", "the body does not say which faults are meant",
                        hint: "GET /v1/faults shows the form")
                }
                gate.faults = faults
                log(faults)
                return .json(faults.json)
            },
        ]
    }

    private func log(_ faults: NodeFaults) {
        output.logger("node").warn("faults in force", ["faults": .text(faults.json.text)])
    }
}
