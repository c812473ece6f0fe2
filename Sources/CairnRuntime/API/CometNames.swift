internal import CairnBase
internal import CairnCrypto
internal import CairnGossip
internal import CairnLedger
internal import CairnWire

/// The names by which CometBFT's monitors and wallets ask, answered in its forms as far as the two chains agree: heights
/// are strings, hashes are digits in upper case.
///
/// What has no counterpart here is left out rather than made up: parts, evidence, priorities of proposers.
extension NodeShell {
    var cometRoutes: [HTTPRoute] {
        guard let chain, let desk else { return [] }
        return [
            HTTPRoute(.get, "/status", as: "status", "As CometBFT: the node and its newest block.") {
                [unowned self] _ in .json(cometStatus(chain.status))
            },
            HTTPRoute(.get, "/health", as: "health", "As CometBFT: nothing, when it answers.") { _ in .json([:]) },
            HTTPRoute(.get, "/genesis", as: "genesis", "As CometBFT: the file that the network begins with.") {
                [unowned self] _ in
                .now(cometGenesis)
            },
            HTTPRoute(.get, "/net_info", as: "net_info", "As CometBFT: the peers.") { [unowned self] _ in
                .json(cometPeers)
            },
            HTTPRoute(.get, "/abci_info", as: "abci_info", "As CometBFT: the state's height and root.") {
                [unowned self] _ in .json(cometApplication(chain.status))
            },
            HTTPRoute(
                .get, "/block", as: "block",
                taking: [
                    HTTPParameter(
                        "height", in: .query, .integer(1...UInt64.max), example: "1", "Which; the newest unless told")
                ], "As CometBFT: a block's header."
            ) { [unowned self] call in
                let values = call.parameters["height"].map { ["block": $0] } ?? [:]
                return ask("chain.block", values, desk, cometBlock)
            },
            HTTPRoute(
                .get, "/validators", as: "validators",
                taking: [HTTPParameter("height", in: .query, .integer(1...UInt64.max), "Not looked at: today's")],
                "As CometBFT: the committee and its weights."
            ) { [unowned self] _ in ask("chain.committee", [:], desk, cometCommittee) },
            HTTPRoute(
                .get, "/tx", as: "tx",
                taking: [
                    HTTPParameter(
                        "hash", in: .query, isRequired: true, example: String(repeating: "0", count: 64),
                        "The transaction's id in hexadecimal digits")
                ], "As CometBFT: a transaction that stands in a block."
            ) { [unowned self] call in
                let hash = call.parameters["hash"]?.lowercased() ?? ""
                return ask(
                    "chain.tx", ["id": hash.hasPrefix("0x") ? String(hash.dropFirst(2)) : hash], desk, cometTransaction)
            },
            HTTPRoute(
                .get, "/broadcast_tx_sync", as: "broadcast_tx_sync",
                taking: [
                    HTTPParameter("tx", in: .query, isRequired: true, "The signed bytes: 0x and digits, or base64")
                ], "As CometBFT: takes a signed transaction."
            ) { [unowned self] call in cometBroadcast(call.parameters["tx"] ?? "", chain) },
        ]
    }

    func makeCometGenesis() -> HTTPResponse { .json(["genesis": configuration.part?.genesis.json ?? .null]) }

    /// Asks a question of the table, and puts its answer into another form.
    private func ask(
        _ name: String, _ values: [String: String], _ desk: QuestionDesk, _ form: @escaping (JSON) -> JSON
    ) -> HTTPReply {
        guard let question = desk.questions.first(where: { $0.name == name }) else {
            return .now(.problem(.notImplemented, "this node answers no questions about its chain"))
        }
        return .later { answer in
            desk.ask(question, values) { response in
                guard response.status == .ok, let document = try? JSONReader.read(response.body, limits: .answer) else {
                    return answer(response)
                }
                answer(.json(form(document)))
            }
        }
    }

    private func cometStatus(_ chain: ChainStatus) -> JSON {
        [
            "node_info": [
                "id": .string(id.peerID), "listen_addr": .string(listenEndpoint.description),
                "network": .string(chain.network), "version": .string(configuration.version),
                "moniker": .string(name),
            ],
            "sync_info": [
                "latest_block_hash": .string(upper(chain.recent.last?.digest.description)),
                "latest_app_hash": .string(upper(chain.recent.last?.root.description)),
                "latest_block_height": .string(chain.height.description),
                "latest_block_time": chain.recent.last.map {
                    .string(WallTime(millisecondsSince1970: $0.time).rfc3339)
                } ?? .null,
                "catching_up": .bool(!reasonsNotReady.isEmpty),
            ],
        ]
    }

    private var cometPeers: JSON {
        let alive = mesh?.membership.members.filter { $0.value.state == .alive }.map(\.value) ?? []
        return [
            "listening": true, "n_peers": .string("\(alive.count)"),
            "peers": .array(
                alive.map {
                    [
                        "node_info": ["id": .string($0.node.peerID)],
                        "remote_ip": .string($0.endpoint.address.description),
                    ]
                }),
        ]
    }

    private func cometApplication(_ chain: ChainStatus) -> JSON {
        [
            "response": [
                "data": "cairn", "version": .string(configuration.version),
                "last_block_height": .string(chain.height.description),
                "last_block_app_hash": chain.recent.last.map { .string(Base64.encode($0.root.raw.bytes)) } ?? .null,
            ]
        ]
    }

    private func cometBlock(_ block: JSON) -> JSON {
        [
            "block_id": ["hash": .string(upper(block["block"]?.string))],
            "block": [
                "header": [
                    "chain_id": .string(configuration.network), "height": decimal(block["height"]),
                    "time": block["time"] ?? .null, "last_block_id": ["hash": .string(upper(block["parent"]?.string))],
                    "app_hash": .string(upper(block["root"]?.string)),
                    "proposer_address": block["proposer"] ?? .null,
                ],
                "data": ["tx_hashes": .array((block["transactions"]?.array ?? []).compactMap { $0["id"] })],
            ],
        ]
    }

    private func cometCommittee(_ committee: JSON) -> JSON {
        let members = committee["members"]?.array ?? []
        return [
            "block_height": decimal(committee["height"]), "count": .string("\(members.count)"),
            "total": .string("\(members.count)"),
            "validators": .array(
                members.map { member in
                    let key = bytes(hex: member["vote_key"]?.string ?? "") ?? []
                    return [
                        "address": member["account"] ?? .null,
                        "pub_key": ["type": "tendermint/PubKeyEd25519", "value": .string(Base64.encode(key))],
                        "voting_power": decimal(member["weight"]),
                    ]
                }),
        ]
    }

    private func cometTransaction(_ found: JSON) -> JSON {
        let code = found["outcome_code"]?.integer(UInt16.self) ?? 0
        return [
            "hash": .string(upper(found["id"]?.string)), "height": decimal(found["height"]),
            "tx_result": ["code": JSON(code), "log": found["outcome"] ?? .null],
        ]
    }

    private func cometBroadcast(_ text: String, _ chain: ChainShell) -> HTTPReply {
        let limit = configuration.limits.ledger.transaction
        let decoded =
            text.hasPrefix("0x")
            ? bytes(hex: String(text.dropFirst(2)))
            : try? Base64.decode(text, .tolerant, limit: limit)
        guard let decoded, let transaction = try? Transaction.decode(decoded, limit: limit) else {
            return .now(.problem(.badRequest, "tx is no signed transaction: 0x and digits, or base64"))
        }
        let id = transaction.id(chain: chain.chain, using: Blake2b()).description
        return .later { [self] answer in
            chain.submit(decoded) { outcome in
                answer(
                    .json([
                        "code": JSON(outcome.refusal == nil ? 0 : 1), "data": "", "codespace": .string(outcome.name),
                        "log": .string(outcome.refusal ?? ""), "hash": .string(self.upper(id)),
                    ]))
            }
        }
    }

    private func upper(_ digits: String?) -> String { digits?.uppercased() ?? "" }

    private func decimal(_ number: JSON?) -> JSON { number?.integer(UInt64.self).map { .string("\($0)") } ?? .null }
}

extension HTTPRoute {
    /// As CometBFT answers a GET: the result of a call that nobody numbered.
    var inEnvelope: HTTPRoute {
        let plain = handle
        return HTTPRoute(method, path, as: name, access: access, taking: parameters, summary) { call in
            switch plain(call) {
            case .now(let response): .now(response.inEnvelope)
            case .later(let begin): .later { answer in begin { answer($0.inEnvelope) } }
            case .stream(let begin): .stream(begin)
            }
        }
    }
}

extension HTTPResponse {
    fileprivate var inEnvelope: HTTPResponse {
        guard status == .ok else { return self }
        var enveloped = self
        enveloped.body = Array(#"{"jsonrpc":"2.0","id":-1,"result":"#.utf8)
        enveloped.body += body.prefix { $0 != UInt8(ascii: "\n") } + Array("}\n".utf8)
        return enveloped
    }
}

extension JSONReader.Limits {
    /// For answers that this node gave itself.
    static let answer = JSONReader.Limits(bytes: 64 << 20, nodes: 4_000_000, stringBytes: 64 << 20)
}
