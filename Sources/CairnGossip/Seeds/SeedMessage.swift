public import CairnWire

/// What a name server is asked: for the texts under one name (RFC 1035, with room for long answers as RFC 6891 has it).
/// Numbers are big-endian.
public struct SeedQuestion: Sendable, Hashable {
    public let number: UInt16
    public let name: DNSName

    /// Where name servers listen.
    public static let port: UInt16 = 53
    static let text: UInt16 = 16
    static let internet: UInt16 = 1
    private static let isRecursive: UInt16 = 0x0100
    private static let options: UInt16 = 41

    public init(_ number: UInt16, _ name: DNSName) {
        self.number = number
        self.name = name
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter()
        for word in [number, Self.isRecursive, 1, 0, 0, 1] { writer.u16(word.byteSwapped) }
        for label in name.description.utf8.split(separator: UInt8(ascii: ".")) {
            writer.u8(UInt8(truncatingIfNeeded: label.count))
            writer.raw(Array(label))
        }
        writer.u8(0)
        for word in [Self.text, Self.internet] { writer.u16(word.byteSwapped) }
        // The additional record that says how much is taken: of the root, with the size where others have a class.
        writer.u8(0)
        for word in [Self.options, UInt16(SeedAnswer.longest), 0, 0, 0] { writer.u16(word.byteSwapped) }
        return writer.bytes
    }
}

/// What a name server answers.
public struct SeedAnswer: Sendable, Equatable {
    public let number: UInt16
    /// What was asked for, as the server repeats it.
    public let name: String
    /// Whether the server knows of the name.
    public let isGood: Bool
    public let texts: [String]

    /// What passes everywhere in one piece.
    public static let longest = 1_232
    /// Records that are looked at.
    static let mostRecords = 64

    public init(_ bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count <= Self.longest else {
            throw .tooLarge(size: UInt64(bytes.count), limit: UInt64(Self.longest))
        }
        var reader = ByteReader(bytes.span.bytes)
        number = try reader.u16().byteSwapped
        let flags = try reader.u16().byteSwapped
        // An answer, to an ordinary question. One that was cut short still has whole records.
        guard flags & 0xf800 == 0x8000 else { throw .invalid("not an answer of a name server") }
        isGood = flags & 0x000f == 0
        let questions = try reader.u16().byteSwapped
        let answers = try reader.u16().byteSwapped
        _ = try reader.take(4)
        guard questions == 1 else { throw .invalid("answer to \(questions) questions") }
        name = try Self.plainName(&reader)
        guard try reader.u16().byteSwapped == SeedQuestion.text,
            try reader.u16().byteSwapped == SeedQuestion.internet
        else { throw .invalid("answer to another kind of question") }
        var texts: [String] = []
        for _ in 0..<min(Int(answers), Self.mostRecords) {
            if let text = try Self.record(&reader) { texts.append(text) }
        }
        self.texts = texts
    }

    /// In lower case, with its dots. A name in a question points nowhere.
    private static func plainName(_ reader: inout ByteReader) throws(DecodeError) -> String {
        var name: [UInt8] = []
        while true {
            let length = Int(try reader.u8())
            guard length > 0 else { break }
            guard length < 64, name.count + length < 256 else { throw .invalid("name in a question") }
            if !name.isEmpty { name.append(UInt8(ascii: ".")) }
            name += try reader.raw(length).map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        }
        guard let text = String(validating: name, as: UTF8.self) else { throw .invalid("name in a question") }
        return text
    }

    /// The text of one record; nil of a record of another kind. Whose it is does not matter: the server has followed
    /// the names that stand for others.
    private static func record(_ reader: inout ByteReader) throws(DecodeError) -> String? {
        try skipName(&reader)
        let kind = try reader.u16().byteSwapped
        let net = try reader.u16().byteSwapped
        _ = try reader.take(4)
        let count = Int(try reader.u16().byteSwapped)
        var content = ByteReader(try reader.take(count))
        guard kind == SeedQuestion.text, net == SeedQuestion.internet else { return nil }
        var text: [UInt8] = []
        while content.remaining > 0 {
            let length = Int(try content.u8())
            text += try content.raw(length)
        }
        return String(validating: text, as: UTF8.self)
    }

    /// Where a name points to is not followed, so it can lead into no circle.
    private static func skipName(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<128 {
            let length = try reader.u8()
            switch length {
            case 0: return
            case 1..<64: _ = try reader.take(Int(length))
            case 0xc0...: return _ = try reader.u8()
            default: throw .invalid("label of a name")
            }
        }
        throw .invalid("name without end")
    }
}
