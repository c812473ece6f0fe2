import CairnBase
import CairnWitness

/// How strong what one station sends is at another, in hundredths of a decibel above a milliwatt.
struct Strength {
    let rules: AirRules
    let random: SeededRandom

    /// Path loss by distance, the shadow of what stands between the two, which is the same both ways, and the luck of
    /// this one frame.
    func at(_ receiver: Station, from sender: Station, power: Int64, hertz: UInt32, frame: UInt64) -> Int64 {
        let middle = middle(receiver, from: sender, power: power, hertz: hertz)
        let pair = random.fork("pair", min(receiver.eui, sender.eui)).fork("with", max(receiver.eui, sender.eui))
        let luck = random.fork("frame", frame).fork("at", receiver.eui)
        return middle + Self.bell(pair, rules.shadow) + Self.bell(luck, rules.fading)
    }

    /// The most it can be, whatever is drawn: what is found without a draw, for those who are far away.
    func most(_ receiver: Station, from sender: Station, power: Int64, hertz: UInt32) -> Int64 {
        middle(receiver, from: sender, power: power, hertz: hertz) + 6 * (rules.shadow + rules.fading)
    }

    private func middle(_ receiver: Station, from sender: Station, power: Int64, hertz: UInt32) -> Int64 {
        let metres = max(1, receiver.position.metres(to: sender.position))
        let reference = PathLoss.freeSpace(metres: 1, hertz: hertz)
        let distance = rules.exponent * Int64(UInt32(clamping: metres).thousandLog10 ?? 0) / 10
        return power + 10 * Int64(sender.gain) + 10 * Int64(receiver.gain) - reference - distance
            - loss(of: sender) - loss(of: receiver)
    }

    private func loss(of station: Station) -> Int64 {
        if case .attenuated(let loss) = station.behaviour { loss } else { 0 }
    }

    /// A draw around zero: twelve uniform ones together are nearly a bell curve.
    static func bell(_ stream: SeededRandom, _ deviation: Int64) -> Int64 {
        var stream = stream
        let sum = (0..<12).reduce(Int64(0)) { sum, _ in sum + Int64(stream.below(65_536)) }
        return (sum - 6 * 65_536) * deviation / 65_536
    }

    /// The power of two together: that of the greater, and up to 3 dB more, by 10 log₁₀(1 + 10^(−difference / 10)).
    static func sum(_ one: Int64, _ other: Int64) -> Int64 {
        let difference = Int((max(one, other) - min(one, other)) / 100)
        return max(one, other) + (difference < more.count ? more[difference] : 0)
    }

    private static let more: [Int64] = [
        301, 254, 212, 176, 146, 119, 97, 79, 64, 51, 41, 33, 27, 21, 17, 14, 11, 9, 7, 5, 4,
    ]
}
