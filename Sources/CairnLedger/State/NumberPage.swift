import CairnBase
public import CairnWire

/// Which of 8,192 numbers in a row belong to a set: one bit each, so that a set of resources is gone through without
/// touching those that are not in it.
public struct NumberPage: Record {
    /// Bit b of byte i is number 8 i + b of the page; the last byte is not 0.
    private var bytes: [UInt8] = []

    static let numbersPerPage: UInt32 = 1 << 13

    init() {}

    public var isEmpty: Bool { bytes.isEmpty }

    var count: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

    static func page(of number: UInt32) -> UInt32 { number / numbersPerPage }

    public func contains(_ number: UInt32) -> Bool {
        let (byte, bit) = Self.place(of: number)
        return byte < bytes.count && bytes[byte] & bit != 0
    }

    mutating func insert(_ number: UInt32) {
        let (byte, bit) = Self.place(of: number)
        if byte >= bytes.count { bytes += [UInt8](repeating: 0, count: byte + 1 - bytes.count) }
        bytes[byte] |= bit
    }

    mutating func remove(_ number: UInt32) {
        let (byte, bit) = Self.place(of: number)
        guard byte < bytes.count else { return }
        bytes[byte] &= ~bit
        while bytes.last == 0 { bytes.removeLast() }
    }

    /// The numbers in it, ascending, if it is that page.
    public func numbers(on page: UInt32) -> [UInt32] {
        let first = page.multipliedReportingOverflow(by: Self.numbersPerPage).partialValue
        return bytes.indices.flatMap { byte in
            (0..<8 as Range<UInt32>).filter { bytes[byte] & (1 << $0) != 0 }.map { first + 8 * UInt32(byte) + $0 }
        }
    }

    /// The pages of all numbers below one.
    public static func pages(upTo count: UInt32) -> Range<UInt32> { 0..<(count == 0 ? 0 : page(of: count - 1) + 1) }

    /// Any numbers on their pages, in the order of the pages.
    static func pages(of numbers: [UInt32]) -> OrderedMap<UInt32, NumberPage> {
        var pages = OrderedMap<UInt32, NumberPage>()
        for number in numbers {
            var page = pages[Self.page(of: number)] ?? NumberPage()
            page.insert(number)
            pages[Self.page(of: number)] = page
        }
        return pages
    }

    private static func place(of number: UInt32) -> (byte: Int, bit: UInt8) {
        let inPage = number % numbersPerPage
        return (Int(inPage / 8), 1 << UInt8(inPage % 8))
    }
}

extension NumberPage: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        bytes = try reader.bytes(limit: Int(Self.numbersPerPage / 8))
        guard bytes.last != 0 else { throw .invalid("numbers end in nothing") }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.bytes(bytes)
    }
}

extension BlockRun {
    /// All pages that resources were ever numbered on.
    mutating func numberPages() throws(StateError) -> Range<UInt32> {
        NumberPage.pages(upTo: UInt32(clamping: try state.load(.resourceCount)?.value ?? 0))
    }

    /// Adds a number to the set that a page of is under a key.
    mutating func insert(_ number: UInt32, _ key: (_ page: UInt32) -> RecordKey<NumberPage>) throws(StateError) {
        let key = key(NumberPage.page(of: number))
        var numbers = try state.load(key) ?? NumberPage()
        numbers.insert(number)
        state.store(key, numbers)
    }

    /// Takes a number out of such a set.
    mutating func remove(_ number: UInt32, _ key: (_ page: UInt32) -> RecordKey<NumberPage>) throws(StateError) {
        let key = key(NumberPage.page(of: number))
        guard var numbers = try state.load(key) else { return }
        numbers.remove(number)
        if numbers.isEmpty { state.remove(key) } else { state.store(key, numbers) }
    }
}
