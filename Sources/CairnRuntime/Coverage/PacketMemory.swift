import CairnBase
import CairnWitness

/// A packet that a gateway reported, and what became of it.
struct HeardPacket {
    enum Fate {
        case taken
        /// A sound frame that is none of ours, such as a LoRaWAN uplink.
        case notOurs
        case ignored(BeaconObjection)
        case refused(PacketRefusal)
    }

    let gateway: UInt64
    let time: WallTime
    /// Nil where the report could not be used.
    let reception: Reception?
    let fate: Fate

    var isOurs: Bool {
        switch fate {
        case .taken, .ignored: true
        case .notOurs, .refused: false
        }
    }

    /// Why nothing is made of it; nil if it is taken up.
    var ignored: (code: String, words: String)? {
        switch fate {
        case .taken: nil
        case .notOurs: ("not_ours", "it is no beacon: left alone and counted")
        case .ignored(let objection): (objection.rawValue, objection.words)
        case .refused(let refusal): ("\(refusal)", refusal.words)
        }
    }
}

/// The newest packets, numbered, so that whoever asks again sees each once.
struct PacketMemory {
    private var packets: BoundedQueue<HeardPacket>

    init(capacity: Int) { packets = BoundedQueue(capacity: max(1, capacity), overflow: .dropOldest) }

    /// The number of the packet that comes next.
    var next: UInt64 { packets.dropped + UInt64(packets.count) }

    mutating func add(_ packet: HeardPacket) { packets.append(packet) }

    /// The last packets from a number on, at most so many, each with its number.
    func packets(from number: UInt64, limit: Int) -> [(UInt64, HeardPacket)] {
        let numbered = zip(packets.dropped..<next, packets).filter { $0.0 >= number }
        return Array(numbered.suffix(limit))
    }
}
