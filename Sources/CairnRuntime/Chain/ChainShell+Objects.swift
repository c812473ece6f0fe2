internal import CairnBase
internal import CairnLedger
internal import CairnNode
internal import CairnStore
internal import CairnWire

/// What a node answers about prepaid objects: who holds the shards, and which are gone.
extension ChainShell {
    var objectRoutes: [HTTPRoute] {
        [
            HTTPRoute(
                .get, "/v1/objects/{id}", as: "objects.show",
                taking: [
                    HTTPParameter("id", in: .path, example: String(repeating: "0", count: 64), "The object's id")
                ], "A prepaid object: what is left of its deposit, and who holds its shards."
            ) {
                [unowned self] call in
                guard let bytes = bytes(hex: call.parameters["id"] ?? ""), let raw = Bytes32(bytes) else {
                    return .now(.problem(.badRequest, "an object is named by 64 hexadecimal digits"))
                }
                return .later { self.describe(object: Digest(raw), $0) }
            }
        ]
    }

    private func describe(object id: Digest, _ answer: @escaping (HTTPResponse) -> Void) {
        read { store throws(StoreError) in
            do throws(StateError) {
                let state = store.state
                guard let object = try state.load(RecordKey<PrepaidObject>.object(id)) else { return .null }
                var holders: [JSON] = []
                for holder in object.holders {
                    let node = try state.node(of: holder)
                    holders.append([
                        "resource": JSON(holder.number), "node": node.map { .string($0.peerID) } ?? .null,
                        "state": .string(holder.word),
                        "missed_by": .array(holder.missedBy.map { JSON(Int($0.shard)) }),
                    ])
                }
                return [
                    "schema": "cairn.object-state/1", "id": .string("\(id)"), "owner": .string(object.owner.text),
                    "profile": .string(object.order.profile.name), "root": .string("\(object.order.root)"),
                    "shards": JSON(Int(object.order.shards)), "needed": JSON(Int(object.order.needed)),
                    "repair_level": JSON(object.order.repairLevel), "mib_per_shard": JSON(object.order.units),
                    "price_units": JSON(object.order.price.units), "left_units": JSON(object.left.units),
                    "spent_units": JSON(object.spent.units), "opened": JSON(object.opened.number),
                    "closing": object.closing.map { JSON($0.number) } ?? .null, "live": JSON(object.live),
                    "holding": JSON(object.holders.count(where: \.isHolding)), "holders": .array(holders),
                    "height": JSON(store.head?.height.number ?? 0),
                ]
            } catch {
                throw StoreError(error)
            }
        } _: { found in
            switch found {
            case nil: answer(.cannotLookUp)
            case .null: answer(.problem(.notFound, code: "no-object", "the chain has no such object now"))
            case .some(let document): answer(.json(document))
            }
        }
    }
}

extension PrepaidObject.Holder {
    /// How documents call what became of a shard.
    var word: String { isLost ? "lost" : isHolding ? "held" : "under-repair" }
}
