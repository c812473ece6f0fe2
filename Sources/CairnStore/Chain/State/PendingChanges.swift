import CairnBase
import CairnLedger
import CairnWire

/// The bytes in which a block's changes wait until they are written into the state table: a count, then for each the
/// key, whether there is a value, and the value.
enum PendingChanges {
    static func encode(_ changes: [StateChange]) -> [UInt8] {
        var writer = ByteWriter(capacity: 4 + changes.count * 96)
        writer.count(changes.count)
        for change in changes {
            writer.bytes(change.key.bytes)
            writer.bool(change.value != nil)
            if let value = change.value { writer.bytes(value) }
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(DecodeError) -> [StateChange] {
        var reader = ByteReader(bytes.span.bytes)
        let count = try reader.count(limit: bytes.count / 5)
        var changes: [StateChange] = []
        changes.reserveCapacity(count)
        for _ in 0..<count { changes.append(try change(from: &reader)) }
        try reader.end()
        return changes
    }

    /// Where each change begins in the bytes, with its key.
    static func forEach(_ bytes: [UInt8], do body: (StateKey, Int) -> Void) throws(DecodeError) {
        var reader = ByteReader(bytes.span.bytes)
        for _ in 0..<(try reader.count(limit: bytes.count / 5)) {
            let offset = bytes.count - reader.remaining
            body(StateKey(bytes: try reader.bytes(limit: reader.remaining)), offset)
            if try reader.bool() { _ = try reader.take(try reader.count(limit: reader.remaining)) }
        }
        try reader.end()
    }

    static func change(in bytes: [UInt8], at offset: Int) throws(DecodeError) -> StateChange {
        var reader = ByteReader(bytes.span.bytes.extracting(droppingFirst: offset))
        return try change(from: &reader)
    }

    private static func change(from reader: inout ByteReader) throws(DecodeError) -> StateChange {
        let key = StateKey(bytes: try reader.bytes(limit: reader.remaining))
        return StateChange(key: key, value: try reader.bool() ? try reader.bytes(limit: reader.remaining) : nil)
    }
}
