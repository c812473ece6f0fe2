import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness

/// A town in which ten gateways witness forty others, all challenged at one height: the messages of that round with real
/// signatures, and a judge that has heard the commits and the beacons.
struct WitnessTown {
    static let seats = 10
    static let targets = 40
    private static let hash = Blake2b()
    private static let height = Height(3)

    let chain = ChainID(hash.digest(DomainTag("cn/bench"), [1]).raw)
    private let origin = hash.digest(DomainTag("cn/bench"), [2])
    private let view: CoverageView
    /// The number of the member at each place in the view.
    private let numbers: [Int]
    private let witnesses: [UInt32]
    private let challenges: [Challenged]

    /// What a judge has heard until receipts may come.
    private(set) var judge: Judge<Blake2b>
    /// Every receipt under a signature of its own, in the order in which they come.
    private(set) var reveals: [Reveal] = []
    /// The same receipts by witness.
    private var openings: [[Opening]] = []

    init() throws {
        var rules = CoverageRules.main
        rules.seats = Self.seats
        let all = 0..<(Self.seats + Self.targets)
        let members = all.map { Self.member($0, rules) }
        let view = CoverageView(epoch: Epoch(0), rules: rules, members: members, pairs: [:])
        let numbers = view.members.map { member in all.first { Self.id($0, 0) == member.id.raw } ?? 0 }
        (self.view, self.numbers) = (view, numbers)
        witnesses = numbers.indices.filter { numbers[$0] < Self.seats }.map { UInt32($0) }
        challenges = Challenged.all(
            at: Self.height, in: view, randomness: Self.randomness(Self.height.preceding(by: 2)), chain: chain,
            using: Self.hash)
        judge = Judge(chain: chain, origin: origin, hash: Self.hash)
        try play()
    }

    private static func id(_ number: Int, _ use: UInt8) -> Bytes32 {
        hash.digest(DomainTag("cn/bench"), [use, UInt8(number)]).raw
    }

    private static func key(_ number: Int) -> SecretKey { SecretKey(seed: Seed(known: id(number, 3))) }

    private static func randomnessKey(_ number: Int) -> VRFSecretKey {
        VRFSecretKey(seed: Seed(known: id(number, 4)))
    }

    private static func randomness(_ height: Height) -> Digest {
        hash.digest(DomainTag("cn/bench"), Array("randomness \(height)".utf8))
    }

    /// On a line, a third of a kilometre apart. Witnesses are never asked, the others at every height.
    private static func member(_ number: Int, _ rules: CoverageRules) -> Member {
        guard let place = Position(latitude: 488_566_000, longitude: 23_522_000 + Int32(number) * 45_000) else {
            fatalError("a town lies on the ground")
        }
        return Member(
            id: ResourceID(id(number, 0)), controller: AccountID(id(number, 1)), stakeRoot: AccountID(id(number, 2)),
            device: key(number).publicKey, randomness: randomnessKey(number).publicKey, place: place.direction,
            region: .eu868, network: UInt64(4 << 56) | UInt64(number), gain: 0, trust: 1_000_000, scale: 1_000_000,
            rateMilli: number < seats ? 0 : rules.epochBlocks * 1000, isReciprocal: true, neighbours: [])
    }

    /// Everything up to where receipts may come, then the receipts on the side, and what they come to.
    private mutating func play() throws {
        var effects: [JudgeEffect] = []
        judge.handle(.view(view), at: .origin, into: &effects)
        advance(&judge, to: 2)
        let verifier = Verifier(chain: chain)
        var heardOf: [[Opening]] = []
        var beacons: [JudgeInput] = []
        for challenge in challenges {
            let (beacon, reveal) = sent(challenge)
            guard let verified = verifier.verify(Claim(reveal, by: view.members[Int(challenge.target)].device)) else {
                throw Unsound()
            }
            beacons.append(.beacon(verified, output: beacon.output))
            let heard = try witnesses.map { try opening($0, challenge, beacon.beacon) }
            for (witness, opening) in zip(witnesses, heard) {
                guard let commit = verifier.verify(commit(witness, challenge, opening)) else { throw Unsound() }
                judge.handle(.commit(commit), at: .origin, into: &effects)
            }
            heardOf.append(heard)
        }
        advance(&judge, to: 6)
        for beacon in beacons { judge.handle(beacon, at: .origin, into: &effects) }
        reveals = heardOf.flatMap { zip(witnesses, $0).map { signed($1, by: $0) } }
        openings = witnesses.indices.map { index in heardOf.map { $0[index] } }
    }

    /// The bench would measure something else than it says.
    struct Unsound: Error {}

    /// Brings the newest block to so many after the challenges.
    private func advance(_ judge: inout Judge<Blake2b>, to blocks: UInt64) {
        var effects: [JudgeEffect] = []
        while judge.head < Self.height.advanced(by: blocks) {
            let next = judge.head.next
            judge.handle(
                .block(next, randomness: Self.randomness(next), adopted: []), at: .origin, into: &effects)
        }
    }

    /// What a validator proposes that holds these receipts.
    func verdicts(after receipts: [[VouchedReveal]]) throws -> [CoverageVerdict] {
        let verdicts = judge(after: receipts).verdicts(at: Self.voting).filter { $0.height == Self.height }
        guard verdicts.count == Self.targets, verdicts.allSatisfy({ $0.seats.count == Self.seats && $0.units > 0 })
        else { throw Unsound() }
        return verdicts
    }

    /// What a validator does with receipts whose signatures it has checked, until it votes; false if it would not.
    func votes(for verdicts: [CoverageVerdict], after receipts: [[VouchedReveal]]) -> Bool {
        judge(after: receipts).check(verdicts, at: Self.voting) == .agreed
    }

    private static let voting = height.advanced(by: 11)

    private func judge(after receipts: [[VouchedReveal]]) -> Judge<Blake2b> {
        var judge = judge
        var effects: [JudgeEffect] = []
        for reveals in receipts { judge.handle(.reveals(reveals), at: .origin, into: &effects) }
        advance(&judge, to: 11)
        return judge
    }
}

// MARK: Messages

extension WitnessTown {
    private func sent(_ challenge: Challenged) -> (beacon: (beacon: Beacon, output: Digest), reveal: BeaconReveal) {
        let input = Beacon.input(
            challenge: challenge.id, randomness: Self.randomness(Self.height.preceding(by: 2)), using: Self.hash)
        let (proof, output) = Self.randomnessKey(numbers[Int(challenge.target)]).prove(input)
        let beacon = Beacon(
            output: output, profile: view.rules.profile, height: challenge.height, region: .eu868, using: Self.hash)
        let bare = BeaconReveal(
            challenge: challenge.id, target: challenge.target, proof: proof, signature: Signature(r: .zero, s: .zero))
        let reveal = BeaconReveal(
            challenge: challenge.id, target: challenge.target, proof: proof, signature: sign(bare, by: challenge.target)
        )
        return ((beacon, output), reveal)
    }

    /// What an honest radio measures: free space less 20 dB.
    private func opening(_ witness: UInt32, _ challenge: Challenged, _ beacon: Beacon) throws -> Opening {
        let member = view.members[Int(witness)]
        let metres = max(1, member.place.metres(to: view.members[Int(challenge.target)].place))
        let loss = PathLoss.freeSpace(metres: metres, hertz: beacon.frequency) + 2_000
        let signal = (beacon.power(in: .eu868) - loss) / 10
        let receipt = RadioReceipt(
            challenge: challenge.id, witness: member.device, payload: beacon.payloadHash(using: Self.hash),
            reception: Reception(
                payload: beacon.payload, frequency: beacon.frequency, spreading: beacon.spreading, bandwidth: 0,
                strength: Int16(clamping: signal), signalStrength: nil,
                signalToNoise: Int16(clamping: min(120, signal + 1_170)), counter: 7, fineTime: nil),
            eui: UInt64(witness))
        guard let opening = Opening(receipt: receipt, salt: Array(Self.id(Int(witness), 5).bytes[..<16])) else {
            throw Unsound()
        }
        return opening
    }

    private func commit(_ witness: UInt32, _ challenge: Challenged, _ opening: Opening) -> Claim<Commit> {
        let commitment = opening.commitment(on: chain, using: Self.hash)
        let bare = Commit(
            challenge: challenge.id, witness: witness, commitment: commitment,
            signature: Signature(r: .zero, s: .zero))
        return Claim(
            Commit(
                challenge: challenge.id, witness: witness, commitment: commitment, signature: sign(bare, by: witness)),
            by: view.members[Int(witness)].device)
    }

    private func signed(_ opening: Opening, by witness: UInt32) -> Reveal {
        let bare = Reveal(opening: opening, signature: Signature(r: .zero, s: .zero))
        return Reveal(opening: opening, signature: sign(bare, by: witness))
    }

    /// The receipts of each witness, so many under one signature.
    func batches(of count: Int) throws -> [RevealBatch] {
        try zip(witnesses, openings).flatMap { witness, all in
            try stride(from: 0, to: all.count, by: count).map { start in
                try sealed(Array(all[start..<min(start + count, all.count)]), by: witness)
            }
        }
    }

    private func sealed(_ openings: [Opening], by witness: UInt32) throws -> RevealBatch {
        let root = RevealBatch.tree(of: openings, using: Self.hash).root
        let bare = BatchSeal(witness: witness, root: root, signature: Signature(r: .zero, s: .zero))
        let batch = RevealBatch(
            witness: witness, root: root, openings: openings, signature: sign(bare, by: witness))
        guard let batch else { throw Unsound() }
        return batch
    }

    private func sign(_ bare: some Signed, by member: UInt32) -> Signature {
        Self.key(numbers[Int(member)]).sign(bare.signedBody, tag: bare.domain, chain: chain)
    }
}
