import CairnBase
import CairnRadio
import CairnWire

/// Places where gateways stand, and the air between them: a file of `Testnet/places`.
struct Town: Sendable, Equatable {
    var rules = AirRules()
    var places: [Place]

    struct Place: Sendable, Equatable {
        let position: Position
        /// Of the antenna, in tenths of a decibel.
        let gain: Int16
        let behaviour: Station.Behaviour
        /// Where its owner says that it stands, when that is not true.
        var claim: Position?
    }

    static let placesMax = 1_000

    init(file: String, text: String) throws(Failure) {
        let reader = TableReader(file: file, code: .townInvalid)
        let document = try reader.document(text)
        rules = try AirRules(document, reader)
        places = []
        for table in document.tables where table.path == ["place"] {
            places.append(try Place(table, reader))
        }
        guard (1...Self.placesMax).contains(places.count) else {
            throw Failure(.townInvalid, "\(file): a town has 1 to \(Self.placesMax) [[place]]")
        }
    }
}

/// A simulated air with radios, each of which speaks to one node: what `cairn radio-sim` runs.
struct RadioPlan: Sendable, Equatable {
    let seed: UInt64
    let rules: AirRules
    let gateways: [Gateway]

    struct Gateway: Sendable, Equatable {
        let eui: UInt64
        /// Where the node's radio port is.
        let node: Endpoint
        let place: Town.Place
    }

    init(seed: UInt64, rules: AirRules, gateways: [Gateway]) {
        self.seed = seed
        self.rules = rules
        self.gateways = gateways
    }

    init(file: String, text: String) throws(Failure) {
        let reader = TableReader(file: file, code: .townInvalid)
        let document = try reader.document(text)
        rules = try AirRules(document, reader)
        guard case .integer(let seed)? = document["air"]?["seed"]?.value, seed >= 0 else {
            throw Failure(.townInvalid, "\(file): [air] needs a seed")
        }
        self.seed = UInt64(seed)
        var gateways: [Gateway] = []
        for table in document.tables where table.path == ["gateway"] {
            guard case .string(let eui)? = table["eui"]?.value, let eui = UInt64(eui, radix: 16),
                case .string(let node)? = table["node"]?.value, let node = Endpoint(node),
                !gateways.contains(where: { $0.eui == eui })
            else {
                throw Failure(.townInvalid, "\(file):\(table.line): a [[gateway]] needs an eui of its own and a node")
            }
            gateways.append(Gateway(eui: eui, node: node, place: try Town.Place(table, reader)))
        }
        guard (1...Town.placesMax).contains(gateways.count) else {
            throw Failure(.townInvalid, "\(file): there are 1 to \(Town.placesMax) [[gateway]]")
        }
        self.gateways = gateways
    }

    var text: String {
        var text = """
            # A simulated air: which radios there are, where they stand, and which node each speaks to.

            [air]
            seed = \(seed)
            exponent_tenths = \(rules.exponent)
            shadow_hundredths_db = \(rules.shadow)
            fading_hundredths_db = \(rules.fading)
            noise_hundredths_dbm = \(rules.noise)

            """
        for gateway in gateways {
            text += """

                [[gateway]]
                eui = "\(hex(gateway.eui))"
                node = "\(gateway.node)"
                \(gateway.place.text)

                """
        }
        return text
    }
}

extension TableReader {
    fileprivate func integer(
        _ table: TOML.Table, _ key: String, in range: ClosedRange<Int64>, or preset: Int64? = nil
    ) throws(Failure) -> Int64 {
        if let value = try number(table, key, in: range) ?? preset { return value }
        throw Failure(code, "\(file):\(table.line): \(key) is missing")
    }

    fileprivate func position(_ table: TOML.Table, _ prefix: String) throws(Failure) -> Position {
        let latitude = try integer(table, prefix + "latitude", in: -900_000_000...900_000_000)
        let longitude = try integer(table, prefix + "longitude", in: -1_800_000_000...1_799_999_999)
        guard let position = Position(latitude: Int32(latitude), longitude: Int32(longitude)) else {
            throw Failure(code, "\(file):\(table.line): there is no such position")
        }
        return position
    }
}

extension AirRules {
    fileprivate init(_ document: TOML, _ reader: TableReader) throws(Failure) {
        self.init()
        guard let table = document["air"] else { return }
        exponent = try reader.integer(table, "exponent_tenths", in: 20...60, or: exponent)
        shadow = try reader.integer(table, "shadow_hundredths_db", in: 0...2_000, or: shadow)
        fading = try reader.integer(table, "fading_hundredths_db", in: 0...2_000, or: fading)
        noise = try reader.integer(table, "noise_hundredths_dbm", in: -14_000...0, or: noise)
    }
}

extension Town.Place {
    fileprivate init(_ table: TOML.Table, _ reader: TableReader) throws(Failure) {
        position = try reader.position(table, "")
        let claims = ["claimed_latitude", "claimed_longitude"].contains { table[$0] != nil }
        claim = claims ? try reader.position(table, "claimed_") : nil
        gain = Int16(try reader.integer(table, "gain_tenths_db", in: -200...300, or: 0))
        let amount = try reader.integer(table, "amount", in: -10_000...100_000, or: 0)
        guard case .string(let word)? = table["behaviour"]?.value ?? .string("honest"),
            let behaviour = Station.Behaviour(word, amount: amount)
        else {
            throw Failure(
                .townInvalid,
                "\(reader.file):\(table.line): behaviour is none of \(Station.Behaviour.words.joined(separator: ", "))")
        }
        self.behaviour = behaviour
    }

    fileprivate var text: String {
        let (word, amount) = behaviour.written
        let claimed = claim.map { "claimed_latitude = \($0.latitude)\nclaimed_longitude = \($0.longitude)\n" } ?? ""
        return "latitude = \(position.latitude)\nlongitude = \(position.longitude)\ngain_tenths_db = \(gain)\n"
            + claimed
            + "behaviour = \"\(word)\"" + (amount == 0 ? "" : "\namount = \(amount)")
    }
}

extension Station.Behaviour {
    static let words = ["honest", "attenuated", "rewriting", "late", "mute", "replaying"]

    /// The amount is in hundredths of a decibel, tenths of a decibel above a milliwatt, or milliseconds.
    fileprivate init?(_ word: String, amount: Int64) {
        switch word {
        case "honest": self = .honest
        case "attenuated": self = .attenuated(by: amount)
        case "rewriting": self = .rewriting(to: Int16(clamping: amount))
        case "late": self = .late(by: .milliseconds(UInt64(clamping: amount)))
        case "mute": self = .mute
        case "replaying": self = .replaying
        default: return nil
        }
    }

    fileprivate var written: (word: String, amount: Int64) {
        switch self {
        case .honest: ("honest", 0)
        case .attenuated(let loss): ("attenuated", loss)
        case .rewriting(let strength): ("rewriting", Int64(strength))
        case .late(let span): ("late", Int64(clamping: span.milliseconds))
        case .mute: ("mute", 0)
        case .replaying: ("replaying", 0)
        }
    }
}
