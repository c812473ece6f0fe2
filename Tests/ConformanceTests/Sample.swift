import CairnWire

/// One value of an encoded type: a name, its bytes, and what reading and writing them again makes of them.
struct Sample: Sendable {
    let name: String
    let bytes: [UInt8]
    let again: [UInt8]

    /// A value of a type with canonical bytes.
    static func canonical<Value: Canonical>(_ name: String, _ value: Value) throws -> Sample {
        try bytes(name, value.encoded) { try Value.decode($0, limit: $0.count).encoded }
    }

    /// Bytes of another form, with the way there and back.
    static func bytes(_ name: String, _ bytes: [UInt8], _ again: ([UInt8]) throws -> [UInt8]) rethrows -> Sample {
        Sample(name: name, bytes: bytes, again: try again(bytes))
    }

    /// Text, whose fixture is its UTF-8.
    static func text(_ name: String, _ text: String, _ again: (String) throws -> String) rethrows -> Sample {
        Sample(name: name, bytes: Array(text.utf8), again: Array(try again(text).utf8))
    }

    /// Bytes that are signed or hashed and never read.
    static func writeOnly(_ name: String, _ bytes: [UInt8]) -> Sample {
        Sample(name: name, bytes: bytes, again: bytes)
    }
}

/// The samples of one part of the program, pinned in `Fixtures/<name>.txt`.
struct Area: Sendable {
    let name: String
    let samples: @Sendable () throws -> [Sample]

    /// Every part that encodes anything. To pin a type, add a line to its area's samples, run
    /// `scripts/conformance --accept`, and commit the line that wrote.
    static let all: [Area] = [
        .wire, .gossip, .pubsub, .ledger, .chain, .signLog, .witness,
    ]
}
