/// A JSON value as forwarders write them: fractions are kept as whole numbers of a decimal place.
enum LooseValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// mantissa × 10^exponent
    case number(mantissa: Int64, exponent: Int)
    case string([UInt8])
    case array([LooseValue])
    case object([(key: [UInt8], value: LooseValue)])

    static func == (left: LooseValue, right: LooseValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one, let exponent), .number(let other, let otherExponent)):
            one == other && exponent == otherExponent
        case (.string(let one), .string(let other)): one == other
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)):
            one.count == other.count
                && zip(one, other).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    subscript(key: StaticString) -> LooseValue? {
        guard case .object(let members) = self else { return nil }
        let wanted = Array(String(describing: key).utf8)
        return members.first { $0.key == wanted }?.value
    }

    /// The number in units of 10^−places, rounded down; nil when it does not fit or is none.
    func scaled(_ places: Int) -> Int64? {
        guard case .number(var mantissa, var exponent) = self else { return nil }
        exponent += places
        while exponent > 0 {
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            mantissa = product
            exponent -= 1
        }
        while exponent < 0, mantissa != 0 {
            mantissa = mantissa >= 0 ? mantissa / 10 : (mantissa - 9) / 10
            exponent += 1
            if mantissa == -1, exponent < -20 { return -1 }
        }
        return mantissa
    }

    func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self, places: Int = 0) -> Value? {
        scaled(places).flatMap { Value(exactly: $0) }
    }

    var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
