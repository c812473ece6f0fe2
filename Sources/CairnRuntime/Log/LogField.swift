public import CairnBase

/// A typed value in a log line. There is no case for raw bytes: payloads and keys do not belong in a log.
public enum LogValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case number(UInt64)
    case flag(Bool)
    case span(TimeSpan)

    public static func id(_ id: some Identifier) -> LogValue { .text(id.short) }
    public static func count(_ count: Int) -> LogValue { .integer(Int64(count)) }
    public static func ordinal(_ value: some Ordinal) -> LogValue { .number(value.number) }
    public static func endpoint(_ endpoint: Endpoint) -> LogValue { .text(endpoint.description) }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// Named values in the order they were written: `["height": .ordinal(height), "txs": .count(14)]`.
public struct LogFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: LogValue
    }

    public var fields: [Field]

    public init(dictionaryLiteral elements: (String, LogValue)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    public mutating func append(_ name: String, _ value: LogValue) {
        fields.append(Field(name: name, value: value))
    }
}
