import CairnBase

extension TimeSpan {
    /// In seconds with one digit behind the point, for steps: `3.1 s`.
    var seconds: String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// As short as a round trip: `38 ms`, `0.4 ms`.
    var precise: String {
        let micros = nanoseconds / 1_000
        return micros >= 10_000 ? "\(micros / 1_000) ms" : "\(micros / 1_000).\(micros % 1_000 / 100) ms"
    }

    /// The two largest units, for how long something has been so: `3d 4h`, `5m 2s`, `41s`.
    var rough: String {
        let seconds = nanoseconds / 1_000_000_000
        let parts = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")] as [(UInt64, String)]
        guard let first = parts.firstIndex(where: { seconds >= $0.0 }) else { return "0s" }
        let large = "\(seconds / parts[first].0)\(parts[first].1)"
        guard first + 1 < parts.count else { return large }
        return "\(large) \(seconds % parts[first].0 / parts[first + 1].0)\(parts[first + 1].1)"
    }
}
