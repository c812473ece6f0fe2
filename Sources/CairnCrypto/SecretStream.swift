internal import CSodium
public import CairnBase

/// Why a sealed stream was refused.
public enum SecretStreamError: Error, Equatable, Sendable {
    /// A chunk was altered, dropped, repeated or moved, or the key is another one.
    case forged
    /// The stream ended before its last chunk.
    case truncated
    /// Something follows the last chunk.
    case afterEnd
}

/// A stream of sealed chunks (XChaCha20-Poly1305 secretstream): for files too long to seal in one piece.
///
/// Chunks open only in the order they were sealed, and only the chunk marked `.final` ends the stream, so a file cut at
/// a chunk border is not taken for a whole one.
public enum SecretStream {
    public static let headerCount = 24
    /// How much longer a sealed chunk is.
    public static let overhead = 17

    public enum Tag: UInt8, Sendable {
        case message = 0
        /// The end of a group of chunks.
        case push = 1
        /// The keys change after this chunk.
        case rekey = 2
        case final = 3
    }

    public struct Sealer: ~Copyable {
        /// Goes in front of the chunks, in the clear.
        public let header: InlineArray<24, UInt8>
        private let state = StreamState()
        public private(set) var isComplete = false

        public init(key: Bytes32) {
            header = key.inline.lend { [state] key in
                InlineArray { header in
                    _ = crypto_secretstream_xchacha20poly1305_init_push(state.pointer, header, key)
                }
            }
        }

        /// Begins a stream anew under the header that it had: the same chunks give the same bytes.
        ///
        /// Other chunks under that header would tell whoever has both what they differ in, so nothing of this may be handed out
        /// that was not compared with what the stream gave before.
        public init(key: Bytes32, again header: InlineArray<24, UInt8>) {
            self.header = header
            header.lend { [state] header in
                key.inline.lend { key in
                    _ = crypto_secretstream_xchacha20poly1305_init_pull(state.pointer, header, key)
                }
            }
        }

        public mutating func seal(
            _ chunk: RawSpan, tag: Tag = .message, associated: RawSpan = RawSpan(), into output: inout [UInt8]
        ) {
            invariant(!isComplete, "nothing follows the last chunk")
            let status = append(chunk.byteCount + SecretStream.overhead, to: &output) { output in
                chunk.lend { chunk, chunkCount in
                    associated.lend { associated, associatedCount in
                        crypto_secretstream_xchacha20poly1305_push(
                            state.pointer, output, nil, chunk, UInt64(chunkCount), associated,
                            UInt64(associatedCount), tag.rawValue)
                    }
                }
            }
            invariant(status == 0, "sealing succeeds for every size that fits in memory")
            isComplete = tag == .final
        }
    }

    public struct Opener: ~Copyable {
        private let state = StreamState()
        /// Whether the last chunk was seen.
        public private(set) var isComplete = false

        public init(key: Bytes32, header: InlineArray<24, UInt8>) {
            header.lend { [state] header in
                key.inline.lend { key in
                    _ = crypto_secretstream_xchacha20poly1305_init_pull(state.pointer, header, key)
                }
            }
        }

        /// Appends what the chunk holds; appends nothing when it is refused.
        public mutating func open(
            _ sealed: RawSpan, associated: RawSpan = RawSpan(), into output: inout [UInt8]
        ) throws(SecretStreamError) -> Tag {
            guard !isComplete else { throw .afterEnd }
            guard sealed.byteCount >= SecretStream.overhead else { throw .truncated }
            let added = sealed.byteCount - SecretStream.overhead
            let start = output.count
            var rawTag: UInt8 = 0
            let status = append(added, to: &output) { output in
                sealed.lend { sealed, sealedCount in
                    associated.lend { associated, associatedCount in
                        crypto_secretstream_xchacha20poly1305_pull(
                            state.pointer, output, nil, &rawTag, sealed, UInt64(sealedCount), associated,
                            UInt64(associatedCount))
                    }
                }
            }
            guard status == 0, let tag = Tag(rawValue: rawTag) else {
                output.removeLast(output.count - start)
                throw .forged
            }
            isComplete = tag == .final
            return tag
        }

        /// Says that the input has ended.
        public func finish() throws(SecretStreamError) {
            guard isComplete else { throw .truncated }
        }
    }
}

/// The keys and counter of a stream: on the heap, because a value that moves leaves copies of its secrets behind.
private final class StreamState {
    // SAFETY: owned by this object from `init` to `deinit`, which wipes it.
    let pointer = UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state>.allocate(capacity: 1)

    init() {
        Sodium.start()
        pointer.initialize(to: crypto_secretstream_xchacha20poly1305_state())
    }

    deinit {
        sodium_memzero(pointer, MemoryLayout<crypto_secretstream_xchacha20poly1305_state>.size)
        pointer.deallocate()
    }
}
