import CairnBase
import CairnCrypto
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness
import Testing

/// What a witness of storage asks, and what it says of whom.
@Suite struct AuditDeskTests {
    private let chain = ChainID(Blake2b().digest(DomainTag("test"), [7]).raw)
    private let parties: [AuditParty]
    private var desk: AuditDesk<Blake2b>
    private let start = Instant.origin + .seconds(3)

    init() throws {
        parties = try (0..<9).map { try Self.party(UInt8($0)) }
        desk = AuditDesk(chain: chain, hash: Blake2b())
    }

    private static func party(_ number: UInt8) throws -> AuditParty {
        let raw = Blake2b().digest(DomainTag("test"), [number]).raw
        return AuditParty(
            place: UInt32(number), id: ResourceID(raw), device: PublicKey(raw), randomness: VRFPublicKey(raw),
            position: try #require(Position(latitude: 0, longitude: 0)))
    }

    private func audit(_ partition: UInt32 = 0) throws -> StorageAudit {
        try #require(
            StorageAudit(
                challenge: .zero, height: Height(5), provider: parties[8], partition: partition,
                subject: .shard(.init(root: .zero, number: 0, count: 3, units: 1)), drawn: Array(parties.prefix(7))))
    }

    private func turn(_ partition: UInt32 = 0) throws -> AuditDeskInput {
        let proof = VRFProof(gamma: .zero, challengeLow: 0, challengeHigh: 0, response: .zero)
        return .ask(try audit(partition), as: parties[0], within: .seconds(5), proof: proof, nonce: .zero)
    }

    private mutating func hear(_ input: AuditDeskInput, after milliseconds: UInt64 = 0) -> [AuditDeskEffect] {
        var effects: [AuditDeskEffect] = []
        desk.handle(input, at: start + .milliseconds(milliseconds), into: &effects)
        return effects
    }

    private func tickets(_ effects: [AuditDeskEffect]) -> [UInt64] {
        effects.compactMap { if case .ask(_, _, let ticket, _) = $0 { ticket } else { nil } }
    }

    private func said(_ effects: [AuditDeskEffect]) -> [WalkResult] {
        effects.compactMap { if case .say(let receipt, _, _) = $0 { receipt.result } else { nil } }
    }

    @Test mutating func silenceIsToldOfWhoWasAsked() throws {
        let ticket = try #require(tickets(hear(try turn())).first)
        #expect(said(hear(.sent(ticket: ticket))) == [])
        let over = hear(.timer(.over(ticket: ticket)), after: 5_000)
        #expect(said(over) == [.lateOrSilent])
        #expect(over.contains { if case .leave = $0 { true } else { false } })
        #expect(said(hear(.timer(.over(ticket: ticket)), after: 5_001)) == [])
    }

    @Test mutating func nothingIsToldOfWhoCouldNotBeAsked() throws {
        let ticket = try #require(tickets(hear(try turn())).first)
        _ = hear(.unsent(ticket: ticket, isDialled: false))
        #expect(tickets(hear(.timer(.again(ticket: ticket)), after: 200)) == [ticket])
        _ = hear(.unsent(ticket: ticket, isDialled: false), after: 200)
        #expect(said(hear(.timer(.over(ticket: ticket)), after: 5_000)) == [])
        #expect(desk.unasked == 1)
    }

    /// Two are under way with one provider; the others wait their turn.
    @Test mutating func questionsWaitTheirTurn() throws {
        let first = tickets(hear(try turn(0))) + tickets(hear(try turn(1))) + tickets(hear(try turn(2)))
        #expect(first.count == 2)
        for ticket in first { _ = hear(.sent(ticket: ticket)) }
        let next = hear(.answered(.unreadable, ticket: first[0]), after: 10)
        #expect(said(next) == [.badPath] && tickets(next).count == 1 && tickets(next) != [first[0]])
    }

    @Test mutating func aBusyProviderIsAskedAgain() throws {
        let ticket = try #require(tickets(hear(try turn())).first)
        _ = hear(.sent(ticket: ticket))
        #expect(said(hear(.answered(.nothing, ticket: ticket), after: 10)) == [])
        #expect(tickets(hear(.timer(.again(ticket: ticket)), after: 210)) == [ticket])
    }

    @Test mutating func whatNobodySignedWasNotShown() throws {
        let ticket = try #require(tickets(hear(try turn())).first)
        _ = hear(.sent(ticket: ticket))
        let shown = ShardAnswer(
            piece: .zero, path: MerklePath(siblings: []), shown: HotAnswer([]), signature: Signature(r: .zero, s: .zero)
        )
        #expect(said(hear(.answered(.shown(shown, isSigned: false), ticket: ticket))) == [.lateOrSilent])
    }
}
