internal import CSodium
public import CairnBase

/// BLAKE2b (RFC 7693) as the protocol uses it: no key, zero salt, the domain tag as personalisation.
///
/// The value holds nothing; making one starts the library. `Blake2b.Stream` hashes what does not lie in one piece.
public struct Blake2b: WideHashFunction {
    public init() {
        Sodium.start()
    }

    public func digest(_ tag: DomainTag, _ bytes: RawSpan) -> Digest {
        Digest(Bytes32(hash(tag, bytes)))
    }

    /// The 64-byte form, for what is reduced to a scalar or mapped to a point.
    public func digest512(_ tag: DomainTag, _ bytes: RawSpan) -> InlineArray<64, UInt8> {
        hash(tag, bytes)
    }

    private func hash<let count: Int>(_ tag: DomainTag, _ bytes: RawSpan) -> InlineArray<count, UInt8> {
        tag.inline.lend { personal in
            bytes.lend { input, size in
                InlineArray { output in
                    let status = crypto_generichash_blake2b_salt_personal(
                        output, count, input, UInt64(size), nil, 0, nil, personal)
                    invariant(status == 0, "BLAKE2b accepts every input")
                }
            }
        }
    }
}

extension Blake2b {
    /// A hash in progress. The digest equals the one of all updates laid end to end.
    public struct Stream: ~Copyable {
        // SAFETY: owned by this value alone from `init` to `deinit`. It lives on the heap because C asks for 64-byte
        // alignment, for which Swift does not import the type.
        private let state: UnsafeMutableRawPointer

        public init(_ tag: DomainTag) {
            Sodium.start()
            // SAFETY: freed in `deinit`, and as large and as aligned as the library asks.
            let state = UnsafeMutableRawPointer.allocate(
                byteCount: crypto_generichash_blake2b_statebytes(), alignment: 64)
            let status = tag.inline.lend { personal in
                crypto_generichash_blake2b_init_salt_personal(
                    OpaquePointer(state), nil, 0, Bytes32.count, nil, personal)
            }
            invariant(status == 0, "BLAKE2b starts with valid parameters")
            self.state = state
        }

        public mutating func update(_ bytes: RawSpan) {
            let status = bytes.lend { input, size in
                crypto_generichash_blake2b_update(OpaquePointer(state), input, UInt64(size))
            }
            invariant(status == 0, "BLAKE2b accepts every input")
        }

        public consuming func finish() -> Digest {
            let output = InlineArray<32, UInt8> { output in
                let status = crypto_generichash_blake2b_final(OpaquePointer(state), output, Bytes32.count)
                invariant(status == 0, "a hash finishes once")
            }
            return Digest(Bytes32(output))
        }

        deinit {
            sodium_memzero(state, crypto_generichash_blake2b_statebytes())
            state.deallocate()
        }
    }
}

extension DomainTag {
    /// The sixteen bytes of the padded tag, in place.
    var inline: InlineArray<16, UInt8> {
        // SAFETY: two words are 16 bytes without padding, and any bit pattern is an array of bytes.
        unsafe unsafeBitCast((low.littleEndian, high.littleEndian), to: InlineArray<16, UInt8>.self)
    }
}
