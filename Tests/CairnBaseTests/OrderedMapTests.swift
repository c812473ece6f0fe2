import CairnBase
import Testing

@Suite struct OrderedMapTests {
    /// A map and a dictionary that went through the same calls.
    private struct Pair {
        var map = OrderedMap<UInt64, Int>()
        var model: [UInt64: Int] = [:]

        var agree: Bool {
            let sorted = model.sorted { $0.key < $1.key }
            return map.count == model.count && map.isEmpty == model.isEmpty
                && map.elementsEqual(sorted) { $0.key == $1.key && $0.value == $1.value }
                && map.keys == sorted.map(\.key) && map.values == sorted.map(\.value)
                && map.first?.key == sorted.first?.key && map.last?.key == sorted.last?.key
        }
    }

    @Test(arguments: [(1, 40), (2, 400), (3, 100_000)] as [(UInt64, UInt64)])
    func behavesLikeADictionary(seed: UInt64, range: UInt64) {
        var random = SeededRandom(seed: seed)
        var pair = Pair()
        for step in 0..<6_000 {
            let key = random.below(range)
            switch random.below(10) {
            case 0..<5: #expect(pair.map.updateValue(step, forKey: key) == pair.model.updateValue(step, forKey: key))
            case 5: #expect(pair.map.removeValue(forKey: key) == pair.model.removeValue(forKey: key))
            case 6:
                pair.map[key, default: 5] += 1
                pair.model[key, default: 5] += 1
            case 7:
                pair.map[key] = step % 2 == 0 ? step : nil
                pair.model[key] = step % 2 == 0 ? step : nil
            case 8:
                #expect(
                    pair.map.mutate(key) {
                        $0 += 2; return $0
                    } == pair.model[key].map { $0 + 2 })
                if pair.model[key] != nil { pair.model[key, default: 0] += 2 }
            default:
                let last = pair.map.popLast()
                #expect(last?.key == pair.model.keys.max())
                if let last { pair.model[last.key] = nil }
            }
            #expect(pair.map[key] == pair.model[key] && pair.map.contains(key) == (pair.model[key] != nil))
            if step % 200 == 0 { #expect(pair.agree) }
        }
        #expect(pair.agree)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func rangesAreThoseOfASortedArray(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var pair = Pair()
        for step in 0..<1_000 {
            let key = random.below(3_000)
            pair.map[key] = step
            pair.model[key] = step
        }
        for _ in 0..<200 {
            let (a, b) = (random.below(3_100), random.below(3_100))
            let (low, high) = (min(a, b), max(a, b))
            let keys = pair.model.keys.sorted()
            #expect(pair.map.entries(from: low).map(\.key) == keys.filter { $0 >= low })
            #expect(pair.map.entries(in: low..<high).map(\.key) == keys.filter { low <= $0 && $0 < high })
            #expect(pair.map.entry(atOrBefore: low)?.key == keys.last { $0 <= low })
        }
        let floor = random.below(3_000)
        pair.map.removeAll(below: floor)
        pair.model = pair.model.filter { $0.key >= floor }
        #expect(pair.agree)
        pair.map.removeAll { key, value in key % 3 == 0 || value % 5 == 0 }
        pair.model = pair.model.filter { $0.key % 3 != 0 && $0.value % 5 != 0 }
        #expect(pair.agree)
        pair.map.mutateAll { key, value in value += Int(key) }
        for key in pair.model.keys { pair.model[key, default: 0] += Int(key) }
        #expect(pair.agree)
        while let entry = pair.map.popFirst() {
            #expect(entry.key == pair.model.keys.min())
            pair.model[entry.key] = nil
        }
        #expect(pair.model.isEmpty)
    }

    @Test func ascendingInsertionsAndRemovalsOfTheLowestKeepTheirOrder() {
        var map = OrderedMap<Int, Int>()
        for key in 0..<20_000 { map[key] = -key }
        #expect(map.keys == Array(0..<20_000))
        for key in 0..<20_000 { #expect(map.popFirst()?.key == key) }
        #expect(map.isEmpty && map.popFirst() == nil && map.popLast() == nil && map.first == nil && map.last == nil)
    }

    @Test func equalityIsAboutContentsNotAboutHistory() {
        var left: OrderedMap = [3: "c", 1: "a"]
        var right: OrderedMap = [1: "a"]
        #expect(left != right)
        for key in 10..<900 { right[key] = "x" }
        right[3] = "c"
        for key in 10..<900 { right[key] = nil }
        #expect(left == right)
        left[3] = "d"
        #expect(left != right)
    }

    @Test func aSetIsSortedAndHoldsEachElementOnce() {
        var random = SeededRandom(seed: 9)
        var set = OrderedSet<UInt64>()
        var model: Set<UInt64> = []
        for _ in 0..<4_000 {
            let element = random.below(500)
            if random.chance(ppm: 600_000) {
                #expect(set.insert(element) == model.insert(element).inserted)
            } else {
                #expect(set.remove(element) == (model.remove(element) != nil))
            }
            #expect(set.contains(element) == model.contains(element) && set.count == model.count)
        }
        #expect(Array(set) == model.sorted() && set.first == model.min() && set.last == model.max())
        #expect(set == OrderedSet(model))
        set.removeAll(below: 250)
        #expect(set.elements == model.filter { $0 >= 250 }.sorted())
    }
}

@Suite struct BoundedMapTests {
    typealias Map = BoundedMap<UInt64, Int>

    @Test(arguments: [Map.Overflow.refuseNewest, .dropLowest, .dropHighest], [1, 2, 7, 200])
    func holdsNoMoreThanItsCapacity(overflow: Map.Overflow, capacity: Int) {
        var random = SeededRandom(seed: UInt64(capacity))
        var map = Map(capacity: capacity, overflow: overflow)
        var model: [UInt64: Int] = [:]
        var dropped: UInt64 = 0
        for step in 0..<2_000 {
            let key = random.below(400)
            if random.chance(ppm: 100_000) {
                #expect(map.removeValue(forKey: key) == model.removeValue(forKey: key))
                continue
            }
            model[key] = step
            var lost: UInt64?
            if model.count > capacity {
                dropped += 1
                switch overflow {
                case .refuseNewest: lost = key
                case .dropLowest: lost = model.keys.min()
                case .dropHighest: lost = model.keys.max()
                }
            }
            if let lost { model[lost] = nil }
            #expect(map.updateValue(step, forKey: key)?.key == lost)
            #expect(map.dropped == dropped && map.count == model.count && map[key] == model[key])
        }
        #expect(map.entries.keys == model.keys.sorted() && map.isFull == (model.count == capacity))
    }

    @Test func changingAnEntryInPlaceLosesNothing() {
        var map = Map(capacity: 1, overflow: .refuseNewest)
        map.updateValue(1, forKey: 1)
        #expect(map.updateValue(2, forKey: 1) == nil)
        #expect(
            map.mutate(1) {
                $0 += 1; return $0
            } == 3)
        #expect(map.mutate(2) { $0 += 1 } == nil)
        #expect(map.dropped == 0)
    }
}
