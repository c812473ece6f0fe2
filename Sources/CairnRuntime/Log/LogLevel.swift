/// How much a line matters.
public enum LogLevel: UInt8, Sendable, Comparable, CaseIterable {
    case trace, debug, info, warn, error, off

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    public init?(_ name: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    public var name: String { String(describing: self) }

    /// As in a text line: upper case, five columns.
    var column: String {
        let text = name.uppercased()
        return text + String(repeating: " ", count: max(0, 5 - text.count))
    }

    /// The syslog priority that journald reads from a `<n>` prefix.
    var priority: UInt8 {
        switch self {
        case .trace, .debug, .off: 7
        case .info: 6
        case .warn: 4
        case .error: 3
        }
    }
}

/// Which lines are wanted: one level for all, and levels for single subsystems. Written `info,p2p=debug`.
public struct LogFilter: Sendable, Equatable, CustomStringConvertible {
    public private(set) var base: LogLevel
    /// Few entries: searched from the front.
    public private(set) var overrides: [Override] = []

    public struct Override: Sendable, Equatable {
        public let subsystem: String
        public var level: LogLevel
    }

    public init(_ base: LogLevel = .info) {
        self.base = base
    }

    /// Parses `level[,subsystem=level]…`. The first part may also be an override; the base is then `info`.
    public init(parsing text: String) throws(LogFilterError) {
        self.init(.info)
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard let level = sides.last.flatMap({ LogLevel($0) }) else {
                throw .unknownLevel(String(sides.last ?? ""))
            }
            if sides.count == 1, index == 0 {
                base = level
            } else if sides.count == 2, Self.isSubsystem(sides[0]) {
                set(String(sides[0]), to: level)
            } else {
                throw .malformed(String(part))
            }
        }
    }

    public mutating func set(_ subsystem: String, to level: LogLevel) {
        if let index = overrides.firstIndex(where: { $0.subsystem == subsystem }) {
            overrides[index].level = level
        } else if overrides.count < 64 {
            overrides.append(Override(subsystem: subsystem, level: level))
        }
    }

    public func level(of subsystem: String) -> LogLevel {
        overrides.first { $0.subsystem == subsystem }?.level ?? base
    }

    public var description: String {
        ([base.name] + overrides.map { "\($0.subsystem)=\($0.level.name)" }).joined(separator: ",")
    }

    private static func isSubsystem(_ name: Substring) -> Bool {
        (1...24).contains(name.utf8.count)
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
}

public enum LogFilterError: Error, Equatable, Sendable {
    case unknownLevel(String)
    case malformed(String)
}
