/// Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11D), whose generator is 2.
///
/// Addition is exclusive or. A product is a sum of logarithms; `exponents` is written twice in a row, so that the sum of
/// two logarithms needs no reduction.
public enum GaloisField {
    static let polynomial = 0x11D

    private static let tables: (exponents: [UInt8], logarithms: [Int]) = {
        var exponents = [UInt8](repeating: 0, count: 510)
        var logarithms = [Int](repeating: 0, count: 256)
        var power = 1
        for exponent in 0..<255 {
            exponents[exponent] = UInt8(truncatingIfNeeded: power)
            exponents[exponent + 255] = UInt8(truncatingIfNeeded: power)
            logarithms[power] = exponent
            power <<= 1
            if power > 255 { power ^= polynomial }
        }
        return (exponents, logarithms)
    }()

    public static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        guard left != 0, right != 0 else { return 0 }
        return tables.exponents[tables.logarithms[Int(left)] + tables.logarithms[Int(right)]]
    }

    /// What `value` must be multiplied by to give one; zero has none.
    public static func inverse(_ value: UInt8) -> UInt8? {
        value == 0 ? nil : tables.exponents[255 - tables.logarithms[Int(value)]]
    }

    /// The products of `factor` with every byte.
    static func products(of factor: UInt8) -> [UInt8] {
        (0...255).map { product(factor, $0) }
    }
}
