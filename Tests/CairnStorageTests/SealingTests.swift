import CairnBase
import CairnCrypto
import CairnStorage
import Glibc
import Testing

@Suite struct SealingTests {
    private let hash = Blake2b()

    private func bytes(_ range: ClosedRange<UInt8>) -> Bytes32 { Bytes32([UInt8](range)) ?? .zero }

    @Test func smallMaskOfTheProtocolsVector() throws {
        let mask = try #require(Pad(passes: 3)).mask(from: bytes(0...31), labels: 8, using: hash)
        #expect(mask.count == 8 * 64)
        #expect(hex(Array(mask[0..<16])) == "2cb939b9c37b5a9b2cf79b607a4cfec7")
        #expect(hex(Array(mask[448..<464])) == "9f4b7d93433fab50f33624ad30ad340c")
    }

    @Test func wholeMaskOfTheProtocolsVector() throws {
        let mask = try #require(Pad(passes: 4)).mask(from: bytes(0...31), using: hash)
        #expect(
            hash.digest(DomainTag("cn/pad.test"), mask).description
                == "1219702f02cad009a52eaad1732f31d7a69097dfa7cd698546734bf3e46e2a42")
    }

    /// Forty-eight passes take seconds in a debug build.
    @Test(.enabled(if: unsafe getenv("CAIRN_LONG") != nil))
    func fullMaskOfTheProtocolsVector() throws {
        let mask = try #require(Pad(passes: 48)).mask(from: bytes(0...31), using: hash)
        #expect(
            hash.digest(DomainTag("cn/pad.test"), mask).description
                == "0775de57aa7d02abce3de6c8fa3a7bf74690fccd6afa1a888055be113d66dfe8")
    }

    /// The definition once more, label by label over byte arrays.
    @Test(arguments: [1, 2, 5]) func masksFollowTheDefinition(passes: Int) throws {
        let (seed, labels) = (bytes(100...131), 37)
        var all = [[UInt8]](repeating: [UInt8](repeating: 0, count: 64), count: labels)
        func number(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        for pass in 0..<passes {
            for label in 0..<labels {
                let previous = all[(label + labels - 1) % labels]
                let low = previous[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                let among = UInt64(pass > 0 ? labels : label)
                let picked = among == 0 ? [UInt8](repeating: 0, count: 64) : all[Int(low % among)]
                let own = pass > 0 ? all[label] : []
                let input = seed.bytes + previous + picked + own + number(pass) + number(label)
                let digest = hash.digest512(DomainTag("cn/pad.l"), input.span.bytes)
                all[label] = (0..<64).map { digest[$0] }
            }
        }
        #expect(try #require(Pad(passes: passes)).mask(from: seed, labels: labels, using: hash) == all.flatMap { $0 })
    }

    @Test func aSealedUnitOpensAndNothingElseDoes() throws {
        let pad = try #require(Pad(passes: 1))
        let chain = ChainID(bytes(1...32))
        let mine = Sealing(chain: chain, provider: Digest(bytes(2...33)), pad: pad, using: hash)
        let yours = Sealing(chain: chain, provider: Digest(bytes(3...34)), pad: pad, using: hash)
        let placed = PlacedUnit(shardRoot: Digest(bytes(4...35)), unit: 2)
        let raw = (0..<StorageUnits.unitBytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let packed = try #require(mine.seal(raw, as: placed))
        #expect(mine.open(packed, as: placed) == raw)
        #expect(yours.open(packed, as: placed) != raw)
        #expect(mine.open(packed, as: PlacedUnit(shardRoot: placed.shardRoot, unit: 3)) != raw)
        #expect(mine.openLeaf(Array(packed[5120..<6144]), at: 5, of: placed) == Array(raw[5120..<6144]))
        #expect(mine.openLeaf(Array(packed[5120..<6144]), at: 1024, of: placed) == nil)
        #expect(mine.openLeaf(Array(packed[5120..<6143]), at: 5, of: placed) == nil)
        #expect(mine.seal(Array(raw.dropLast()), as: placed) == nil)
        #expect(Pad(passes: 0) == nil)
    }
}
