/// A JSON value without fractions: what the command line prints, the API speaks and a genesis is written in.
///
/// Members keep the order they were given in, so one value always prints as one text. JSON is for people and tools:
/// nothing signed or hashed is ever JSON.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A whole number from `Int64.min` to `UInt64.max`; the reader gives no others.
    case number(Int128)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One key and its value inside an object.
    public struct Member: Sendable, Equatable {
        public let key: String
        public let value: JSON

        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// A whole number of any width up to 64 bits.
    public init(_ value: some FixedWidthInteger) { self = .number(Int128(clamping: value)) }
}

extension JSON {
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: [Member]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The number, when it is one and fits the wanted type.
    public func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
        if case .number(let value) = self { Value(exactly: value) } else { nil }
    }

    /// The value of an object's member; nil when there is none, or this is no object.
    public subscript(key: String) -> JSON? {
        object?.first { $0.key == key }?.value
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .number(Int128(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
