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
        let document = try TownFile.parse(file, text)
        rules = try AirRules(document, file)
        places = []
        for table in document.tables where table.path == ["place"] {
            places.append(try Place(table, file))
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
        let document = try TownFile.parse(file, text)
        rules = try AirRules(document, file)
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
            gateways.append(Gateway(eui: eui, node: node, place: try Town.Place(table, file)))
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

private enum TownFile {
    static func parse(_ file: String, _ text: String) throws(Failure) -> TOML {
        do throws(TOMLError) {
            return try TOML(text)
        } catch {
            throw Failure(.townInvalid, "\(file):\(error.line):\(error.column): \(error.reason)")
        }
    }

    static func integer(
        _ table: TOML.Table, _ key: String, in range: ClosedRange<Int64>, or preset: Int64?, _ file: String
    ) throws(Failure) -> Int64 {
        guard let entry = table[key] else {
            if let preset { return preset }
            throw Failure(.townInvalid, "\(file):\(table.line): \(key) is missing")
        }
        guard case .integer(let value) = entry.value, range.contains(value) else {
            throw Failure(
                .townInvalid,
                "\(file):\(entry.line): \(key) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

extension TownFile {
    static func position(_ table: TOML.Table, _ prefix: String, _ file: String) throws(Failure) -> Position {
        let latitude = try integer(table, prefix + "latitude", in: -900_000_000...900_000_000, or: nil, file)
        let longitude = try integer(table, prefix + "longitude", in: -1_800_000_000...1_799_999_999, or: nil, file)
        guard let position = Position(latitude: Int32(latitude), longitude: Int32(longitude)) else {
            throw Failure(.townInvalid, "\(file):\(table.line): there is no such position")
        }
        return position
    }
}

extension AirRules {
    fileprivate init(_ document: TOML, _ file: String) throws(Failure) {
        self.init()
        guard let table = document["air"] else { return }
        exponent = try TownFile.integer(table, "exponent_tenths", in: 20...60, or: exponent, file)
        shadow = try TownFile.integer(table, "shadow_hundredths_db", in: 0...2_000, or: shadow, file)
        fading = try TownFile.integer(table, "fading_hundredths_db", in: 0...2_000, or: fading, file)
        noise = try TownFile.integer(table, "noise_hundredths_dbm", in: -14_000...0, or: noise, file)
    }
}

extension Town.Place {
    fileprivate init(_ table: TOML.Table, _ file: String) throws(Failure) {
        position = try TownFile.position(table, "", file)
        let claims = ["claimed_latitude", "claimed_longitude"].contains { table[$0] != nil }
        claim = claims ? try TownFile.position(table, "claimed_", file) : nil
        gain = Int16(try TownFile.integer(table, "gain_tenths_db", in: -200...300, or: 0, file))
        let amount = try TownFile.integer(table, "amount", in: -10_000...100_000, or: 0, file)
        guard case .string(let word)? = table["behaviour"]?.value ?? .string("honest"),
            let behaviour = Station.Behaviour(word, amount: amount)
        else {
            throw Failure(
                .townInvalid,
                "\(file):\(table.line): behaviour is none of \(Station.Behaviour.words.joined(separator: ", "))")
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
