import CairnBase

/// Seeded changes to known inputs, of the kinds that upset decoders.
enum Mutation {
    static func mutate(_ seeds: [[UInt8]], using random: inout SeededRandom) -> [UInt8] {
        var bytes = pick(seeds, &random) ?? []
        for _ in 0...random.below(4) { bytes = step(bytes, seeds, &random) }
        return bytes
    }

    private static func step(_ bytes: [UInt8], _ seeds: [[UInt8]], _ random: inout SeededRandom) -> [UInt8] {
        guard !bytes.isEmpty else { return [UInt8(truncatingIfNeeded: random.next())] }
        let place = Int(random.below(UInt64(bytes.count)))
        var result = bytes
        switch random.below(7) {
        case 0: result[place] ^= UInt8(1) << UInt8(random.below(8))
        case 1: result[place] = pick([0, 1, 0x7f, 0x80, 0xff, UInt8(ascii: "/"), UInt8(ascii: "1")], &random) ?? 0
        case 2: result.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 3: result.remove(at: place)
        case 4: result = Array(bytes.prefix(place))
        case 5: result += bytes.dropFirst(place).prefix(64)
        default: result = Array(bytes.prefix(place)) + (pick(seeds, &random) ?? []).dropFirst(place)
        }
        return result
    }

    private static func pick<Item>(_ items: [Item], _ random: inout SeededRandom) -> Item? {
        items.isEmpty ? nil : items[Int(random.below(UInt64(items.count)))]
    }
}
