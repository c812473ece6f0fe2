import CSodium

/// Argon2id of RFC 9106 with one lane, up to the one block that its output is expanded from: what the library hides,
/// and what a cheat would look at.
struct Argon2id {
    private typealias Block = [UInt64]

    let blocks: Int
    let passes: Int

    /// The first 64 bytes of the chain that becomes `length` bytes of output: all there is to it.
    func expansionSeed(_ password: [UInt8], salt: [UInt8], length: Int) -> [UInt8] {
        var input: [UInt8] = []
        for number in [1, length, blocks, passes, 0x13, 2, password.count] { input += Self.number(number) }
        input += password + Self.number(salt.count) + salt + Self.number(0) + Self.number(0)
        let start = blake2b(input)
        var memory = [Block](repeating: Block(repeating: 0, count: 128), count: blocks)
        for index in 0..<2 {
            memory[index] = Self.words(Self.expand(start + Self.number(index) + Self.number(0), to: 1024))
        }
        for pass in 0..<passes {
            for slice in 0..<4 { fill(&memory, pass: pass, slice: slice) }
        }
        return blake2b(Self.number(length) + Self.bytes(memory[blocks - 1]))
    }

    /// A hash of any length, for more than 64 bytes.
    private static func expand(_ input: [UInt8], to length: Int) -> [UInt8] {
        ExpansionChain(seed: blake2b(number(length) + input), length: length).bytes(0..<length)
    }

    private func fill(_ memory: inout [Block], pass: Int, slice: Int) {
        let segment = blocks / 4
        var addresses = Block(repeating: 0, count: 128)
        for index in 0..<segment {
            if pass == 0, slice < 2, index % 128 == 0 {
                var input = Block(repeating: 0, count: 128)
                let header = [pass, 0, slice, blocks, passes, 2, index / 128 + 1]
                for (place, value) in header.enumerated() { input[place] = UInt64(value) }
                let zero = Block(repeating: 0, count: 128)
                addresses = Self.mix(zero, Self.mix(zero, input))
            }
            let place = slice * segment + index
            guard pass > 0 || place >= 2 else { continue }
            let previous = memory[(place + blocks - 1) % blocks]
            let drawn = pass == 0 && slice < 2 ? addresses[index % 128] : previous[0]
            let area = UInt64(pass == 0 ? place - 1 : blocks - segment + index - 1)
            let low = drawn & 0xffff_ffff
            let back = (area * ((low * low) >> 32)) >> 32
            let start = pass == 0 || slice == 3 ? 0 : (slice + 1) * segment
            let reference = (start + Int(area - 1 - back)) % blocks
            let mixed = Self.mix(previous, memory[reference])
            memory[place] = pass == 0 ? mixed : zip(memory[place], mixed).map { $0 ^ $1 }
        }
    }

    private static func mix(_ left: Block, _ right: Block) -> Block {
        let sum = zip(left, right).map { $0 ^ $1 }
        var mixed = sum
        for row in 0..<8 { permute(&mixed, (0..<16).map { row * 16 + $0 }) }
        for column in 0..<8 { permute(&mixed, (0..<16).map { ($0 / 2) * 16 + 2 * column + $0 % 2 }) }
        return zip(mixed, sum).map { $0 ^ $1 }
    }

    private static func permute(_ block: inout Block, _ at: [Int]) {
        let quarters = [
            [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
            [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
        ]
        for quarter in quarters {
            let (a, b, c, d) = (at[quarter[0]], at[quarter[1]], at[quarter[2]], at[quarter[3]])
            for (first, second) in [(UInt64(32), UInt64(24)), (16, 63)] {
                block[a] = add(block[a], block[b])
                block[d] = turn(block[d] ^ block[a], first)
                block[c] = add(block[c], block[d])
                block[b] = turn(block[b] ^ block[c], second)
            }
        }
    }

    private static func add(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product: UInt64 = (left & 0xffff_ffff) &* (right & 0xffff_ffff)
        return left &+ right &+ product &+ product
    }

    private static func turn(_ word: UInt64, _ by: UInt64) -> UInt64 { word >> by | word << (64 - by) }

    private static func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    private static func words(_ bytes: [UInt8]) -> Block {
        (0..<128).map { word in bytes[(8 * word)..<(8 * word + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    }

    private static func bytes(_ block: Block) -> [UInt8] {
        block.flatMap { word in (0..<UInt64(8)).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }
}

/// How Argon2 makes a long output: a chain of hashes, of which each gives its first half and the last one all of it.
struct ExpansionChain {
    let seed: [UInt8]
    let length: Int

    /// Those bytes of the output, by nothing but the seed.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        var link = seed
        var bytes: [UInt8] = []
        var first = 0
        while first < range.upperBound {
            let isLast = first + 64 >= length
            let given = isLast ? link : Array(link[0..<32])
            let wanted = range.clamped(to: first..<(first + given.count))
            bytes += given[(wanted.lowerBound - first)..<(wanted.upperBound - first)]
            first += given.count
            link = blake2b(link)
        }
        return bytes
    }

    /// How many hashes lie before the end of that range.
    func hashes(to end: Int) -> Int { (end + 31) / 32 }
}

/// BLAKE2b of 64 bytes, without a key.
func blake2b(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 64)
    // SAFETY: the library writes 64 bytes and reads as many as there are.
    unsafe crypto_generichash(&digest, 64, bytes, UInt64(bytes.count), nil, 0)
    return digest
}
