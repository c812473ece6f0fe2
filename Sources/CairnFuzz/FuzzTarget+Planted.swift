#if FUZZ_PLANT
import CairnWire

extension FuzzTarget {
    /// A bug on purpose, only in builds made with `FUZZ_PLANT=1`: five exact bytes lead to a trap, which chance alone
    /// would meet once in 10¹² inputs. It proves that the fuzzer sees into our decoders and that a trap becomes a
    /// crash file.
    static let plantedTrap = FuzzTarget("planted") { bytes in
        var reader = ByteReader(bytes.span.bytes)
        guard let first = try? reader.u8(), first == 0x43, let rest = try? reader.u32() else { return }
        if rest == 0x4e52_4941 { fatalError("the planted bug was found") }
    }
}
#endif
