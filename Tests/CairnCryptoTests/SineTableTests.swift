import CairnCrypto
import CairnWire
import Testing

@testable import CairnBase

/// The geometry lives below the hash, so its pinned hash is checked here.
@Suite struct SineTableTests {
    @Test func theTableIsTheOneOfTheProtocol() {
        var writer = ByteWriter()
        for entry in Sine.table { writer.u32(entry) }
        #expect(Sine.table.count == 4097)
        #expect(
            Blake2b().digest(DomainTag("cn/sine"), writer.bytes).description
                == "aca78e02a1d5e1a5b699409c64aa8f419d3d74ba78db475e8841250302ea01cf")
    }
}
