internal import CairnBase
internal import CairnLedger
internal import CairnNode
internal import CairnStore
internal import CairnWire

/// What a node answers over HTTP about its chain: what a wallet needs. Disks are asked on the store's thread.
extension ChainShell {
    var routes: [HTTPRoute] {
        [
            HTTPRoute(
                .post, "/v1/transactions", as: "transactions.send", reading: "application/octet-stream",
                taking: [
                    HTTPParameter(
                        "transaction", in: .body, isRequired: true,
                        "The signed bytes; in JSON-RPC as hexadecimal digits")
                ], "Takes a signed transaction."
            ) { [unowned self] call in
                .later { self.take(call.request.body, $0) }
            },
            HTTPRoute(
                .get, "/v1/transactions/{id}", as: "transactions.show",
                taking: [
                    HTTPParameter("id", in: .path, example: String(repeating: "0", count: 64), "Its id"),
                    HTTPParameter("since", in: .query, .integer(0...UInt64.max), "The block to look from"),
                ], "What became of a transaction."
            ) {
                [unowned self] call in
                guard let bytes = bytes(hex: call.parameters["id"] ?? ""), let raw = Bytes32(bytes),
                    let since = UInt64(call.parameters["since"] ?? "0")
                else { return .now(.problem(.badRequest, "a transaction is named by 64 hexadecimal digits")) }
                return .later { self.find(Digest(raw), since: Height(since), $0) }
            },
            HTTPRoute(
                .get, "/v1/accounts/{account}", as: "accounts.show",
                taking: [
                    HTTPParameter(
                        "account", in: .path, example: AccountID(Bytes32.zero).text, "The account, as cn1…")
                ], "An account's balance and the nonce it needs next."
            ) {
                [unowned self] call in
                guard let account = try? AccountID(text: call.parameters["account"] ?? "") else {
                    return .now(.problem(.badRequest, "an account is written cn1…"))
                }
                return .later { self.describe(account, $0) }
            },
            HTTPRoute(
                .get, "/v1/coverage", as: "node.coverage",
                "Challenges that are followed, and verdicts since the node started."
            ) {
                [unowned self] _ in .json(coverageStatus)
            },
        ] + objectRoutes
    }

    private func take(_ bytes: [UInt8], _ answer: @escaping (HTTPResponse) -> Void) {
        let id = (try? Transaction.decode(bytes, limit: Limits.Ledger().transaction))?.id(chain: chain, using: hash)
        submit(bytes) { [unowned self] outcome in
            if let refusal = outcome.refusal {
                let status: HTTPStatus = outcome == .busy ? .unavailable : .conflict
                return answer(.problem(status, code: outcome.name, refusal))
            }
            answer(
                .json(
                    [
                        "schema": "cairn.transaction/1", "id": .string(id?.description ?? ""),
                        "state": .string(outcome.name), "height": JSON(core.executed.number),
                    ], status: .accepted))
        }
    }

    /// From memory where it waits, from the receipts where it ran.
    private func find(_ id: Digest, since first: Height, _ answer: @escaping (HTTPResponse) -> Void) {
        let fields = [JSON.Member("schema", "cairn.transaction/1"), JSON.Member("id", .string(id.description))]
        read { store throws(StoreError) in
            guard let (height, receipt) = try store.receipt(of: id, from: first) else { return nil }
            return .object(
                fields + [
                    .init("state", "committed"), .init("height", JSON(height.number)),
                    .init("outcome", .string("\(receipt.outcome)")), .init("fee_units", JSON(receipt.fee.units)),
                    .init("head", JSON(store.head?.height.number ?? 0)),
                ])
        } _: { [unowned self] found in
            guard let found else { return answer(.cannotLookUp) }
            guard case .null = found else { return answer(.json(found)) }
            let state = core.pool.contains(id) ? "pending" : "unknown"
            answer(
                .json(.object(fields + [.init("state", .string(state)), .init("head", JSON(core.executed.number))])))
        }
    }

    private func describe(_ account: AccountID, _ answer: @escaping (HTTPResponse) -> Void) {
        read { store throws(StoreError) in
            do throws(StateError) {
                let state = try store.state.load(RecordKey<Account>.account(account)) ?? Account()
                let parameters = try store.state.load(RecordKey<Parameters>.parameters)
                let objects = try store.state.load(RecordKey<Count>.objectCount(of: account))
                return [
                    "schema": "cairn.account/1", "account": .string(account.text),
                    "balance": .string("\(state.balance)"), "balance_units": JSON(state.balance.units),
                    "nonce": JSON(state.nonce), "objects": JSON(objects?.value ?? 0),
                    "height": JSON(store.head?.height.number ?? 0),
                    "fee_min_units": JSON(parameters?[.feeMin] ?? 0),
                ]
            } catch {
                throw StoreError(error)
            }
        } _: { [unowned self] found in
            guard let found, let nonce = found["nonce"]?.integer(UInt64.self) else { return answer(.cannotLookUp) }
            // Counting what already waits, so that several can be sent without waiting for blocks.
            let next = core.pool.nextNonce(of: account, from: nonce)
            answer(.json(.object((found.object ?? []) + [.init("next_nonce", JSON(next))])))
        }
    }
}

extension HTTPResponse {
    static let cannotLookUp = problem(
        .unavailable, "it cannot be looked up at this moment: too much is, or what it needs is damaged")
}
