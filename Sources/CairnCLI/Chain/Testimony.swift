import CairnBase
import CairnLedger
import CairnWire

/// What a verdict says that one drawn witness said.
struct Testimony {
    /// In the epoch's frozen set.
    let place: UInt32
    let said: String
    let isSilent: Bool
    /// Why it did not count, or not fully.
    let reasons: [Reason]

    func json(by resource: ResourceID?) -> JSON {
        [
            "place": JSON(place), "resource": resource.map { .string($0.description) } ?? .null,
            "said": .string(said), "silent": .bool(isSilent), "reasons": .array(reasons.map { .string("\($0)") }),
        ]
    }
}

extension Verdict {
    var testimonies: [Testimony] {
        switch self {
        case .coverage(let verdict):
            verdict.seats.map { seat in
                Testimony(
                    place: seat.witness,
                    said: "heard it at \(tenths(seat.signal)) dBm, \(seat.noiseDistance) dB above the noise",
                    isSilent: false, reasons: seat.reasons.list)
            }
        case .storage(let verdict):
            verdict.walks.map { walk in
                Testimony(
                    place: walk.witness, said: walk.result.sentence, isSilent: walk.result == .noReceipt, reasons: [])
            }
        }
    }

    private func tenths(_ value: Int16) -> String {
        "\(value < 0 ? "-" : "")\(value.magnitude / 10).\(value.magnitude % 10)"
    }
}

extension StorageVerdict.Result {
    fileprivate var sentence: String {
        switch self {
        case .good: "it showed what was asked for, in time"
        case .lateOrSilent: "it was late, or showed nothing"
        case .badLeafOrPath: "what it showed is not what it is to hold"
        case .checkUnanswered: "it left a full check unanswered"
        case .checkWrong: "its answer to a full check was wrong"
        case .noReceipt: "the witness said nothing"
        }
    }
}
