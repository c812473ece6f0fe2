import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

enum ResourceSamples {
    static func site(_ number: Int32) -> Site {
        guard let position = Position(latitude: 488_566_000 + number, longitude: 23_522_000),
            let network = Network(.v4, prefix: 0x7f00_01)
        else { fatalError("a sample is wrong") }
        return Site(position: position, height: 1200, network: network)
    }

    /// Devices and radios by number, so that tests can meet both kinds of conflict.
    static func registration(_ device: UInt8, _ radio: UInt8, backer: AccountID = account(1)) -> Registration {
        let offer = Offer(
            profile: .coverageRadio, device: PublicKey(repeated(device)), randomness: VRFPublicKey(repeated(9)),
            radio: Radio(eui: UInt64(radio), region: 1, power: 270, gain: 21))
        guard let offer else { fatalError("a sample is wrong") }
        return Registration(offer: offer, site: site(0), backer: backer, deviceProof: Signature(r: .zero, s: .zero))
    }

    /// Every third a radio; each at a place and in a network of its own.
    static func any(_ device: UInt8, _ radio: UInt8, backer: AccountID) -> Registration {
        let profile = [Profile.coverageRadio, .coverageRadio, .coverageRTT, .storageHot, .storageSealed][
            Int(device % 5)]
        let offer = Offer(
            profile: profile, device: PublicKey(repeated(device)), randomness: VRFPublicKey(repeated(9)),
            radio: profile == .coverageRadio ? Radio(eui: UInt64(radio), region: 1, power: 270, gain: 21) : nil,
            // Room for one sealed partition or for two.
            capacity: profile.hasCapacity
                ? 8 + UInt32(device % 7) + (profile == .storageSealed ? 64 << UInt32(device % 2) : 0) : nil)
        guard let offer, let position = Position(latitude: 488_566_000 + 40_000 * Int32(device), longitude: 23_522_000),
            let network = Network(.v4, prefix: 0x7f00_00 + UInt64(device / 2))
        else { fatalError("a sample is wrong") }
        return Registration(
            offer: offer, site: Site(position: position, height: 1, network: network), backer: backer,
            deviceProof: Signature(r: .zero, s: .zero))
    }

    static let order = ObjectOrder(
        profile: .storageHot, root: Digest(repeated(1)), shards: 8, needed: 4, units: 2, price: .one,
        deposit: Amount(units: 80 * Amount.one.units))

    static let actions: [Action] =
        [
            .propose(.parameter(.feeMin, to: 7)), .propose(.share(of: .storageHot, ppm: 8)),
            .propose(.version(2, from: Height(9))), .vote(on: 3, isYes: true), .topUp(Digest(repeated(4)), with: .one),
            .close(Digest(repeated(4))), .hold(Digest(repeated(4)), shard: 7), .miss(Digest(repeated(4)), shard: 79),
            .seal(
                SealedClaim(
                    resource: ResourceID(repeated(4)), partition: 5, node: NodeID(repeated(6)),
                    packed: Digest(repeated(7)), manifest: Digest(repeated(8)))),
            .register(registration(1, 2)), .move(ResourceID(repeated(1)), to: site(7)),
        ] + (order.map { [.open($0)] } ?? [])
}

@Suite struct ResourceTests {
    @Test func theIdIsThePublishedOne() {
        let hash = Blake2b()
        let chain = ChainID(hash.digest(DomainTag("cn/chain"), Array("test".utf8)).raw)
        #expect(chain.description == "f59abeb9b7e31be08f4082f5dc9dc044d82f634f6fc71898379f041bab4c1896")
        let id = Resource.id(chain: chain, controller: account(7), sequence: 0, using: hash)
        #expect(id.description == "b2cffc9bf922fa8bdca5a2d6534bc2e39980b354841e272ea594148880977572")
    }

    @Test func onlyRadiosHaveRadios() {
        let radio = Radio(eui: 1, region: 1, power: 0, gain: 0)
        for profile in Profile.allCases {
            for radio in [radio, nil] {
                let offer = Offer(
                    profile: profile, device: PublicKey(repeated(1)), randomness: VRFPublicKey(repeated(1)),
                    radio: radio, capacity: profile.hasCapacity ? 8 : nil)
                #expect((offer != nil) == ((profile == .coverageRadio) == (radio != nil)))
            }
        }
        #expect(Network(.v4, prefix: 1 << 24) == nil)
        #expect(Network(.v6, prefix: 1 << 48) == nil)
        #expect(Network(.v6, prefix: (1 << 48) - 1) != nil)
    }

    /// Without the device's own signature nobody could be stopped from registering somebody else's device.
    @Test func theDeviceMustAgree() throws {
        let controller = SecretKey(seed: Seed(known: repeated(1)))
        let device = SecretKey(seed: Seed(known: repeated(2)))
        let chain = ChainID(repeated(3))
        let owner = AccountID(controller.publicKey)
        let offer = try #require(
            Offer(
                profile: .storageHot, device: device.publicKey, randomness: VRFPublicKey(repeated(9)), capacity: 64))
        for (claimed, isGood) in [(owner, true), (account(5), false)] {
            let proof = device.sign(
                Registration.body(offer, of: claimed), tag: Registration.domain, chain: chain)
            let body = Transaction.Body(
                chain: chain, sender: owner, nonce: 0, fee: .zero, expiry: Height(1),
                action: .register(
                    Registration(offer: offer, site: ResourceSamples.site(0), backer: owner, deviceProof: proof)))
            let transaction = Transaction(body, signature: controller.sign(body.signedBytes(chain: chain)))
            #expect((Verifier(chain: chain).verify(Claim(transaction, by: transaction.key)) != nil) == isGood)
        }
    }
}
