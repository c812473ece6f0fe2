/// A count on the chain: how high a block stands, which epoch or view it belongs to.
///
/// The three kinds are distinct types. `next` saturates: the end of a 64-bit count is never reached by honest
/// operation, and a hostile number must not trap.
public protocol Ordinal: Sendable, Hashable, Comparable, CustomStringConvertible {
    var number: UInt64 { get }
    init(_ number: UInt64)
}

extension Ordinal {
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    @inlinable
    public var next: Self { advanced(by: 1) }

    @inlinable
    public func advanced(by count: UInt64) -> Self {
        let (sum, overflow) = number.addingReportingOverflow(count)
        return Self(overflow ? .max : sum)
    }

    /// The ordinal `count` before this one, stopping at zero.
    @inlinable
    public func preceding(by count: UInt64 = 1) -> Self {
        Self(number > count ? number - count : 0)
    }

    public var description: String { String(number) }
}

/// How many blocks lie below a block; genesis stands at 0.
@frozen
public struct Height: Ordinal {
    public let number: UInt64
    @inlinable public init(_ number: UInt64) { self.number = number }
    public static let genesis = Height(0)
}

/// A fixed number of blocks: the unit of committee, reward and standing.
@frozen
public struct Epoch: Ordinal {
    public let number: UInt64
    @inlinable public init(_ number: UInt64) { self.number = number }
}

/// One leader's turn inside an epoch.
@frozen
public struct View: Ordinal {
    public let number: UInt64
    @inlinable public init(_ number: UInt64) { self.number = number }
}
