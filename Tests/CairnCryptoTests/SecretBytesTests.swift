import CairnBase
import CairnCrypto
import Glibc
import Testing

@Suite struct SecretBytesTests {
    @Test func aSecretHoldsWhatWasPutIn() {
        #expect(SecretBytes(copying: ([1, 2, 3] as [UInt8]).span.bytes).copy() == [1, 2, 3])
        #expect(SecretBytes(copying: RawSpan()).copy() == [])
        let random = SecretBytes.random(count: 64)
        #expect(random.count == 64)
        #expect(random.copy() != [UInt8](repeating: 0, count: 64))
    }

    /// Each secret takes pages of its own, so a few thousand outgrow what an ordinary user may lock; they all work, and
    /// each says whether it is locked.
    @Test func secretsWorkBeyondTheLimitOfLockedMemory() async {
        await #expect(processExitsWith: .success) {
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            let limited = setrlimit(__rlimit_resource_t(8), &none) == 0
            // Root may lock whatever the limit says.
            let isBound = limited && (geteuid() != 0 || setuid(65_534) == 0)
            let key = SecretKey.generate()
            let signature = key.sign([1, 2, 3])
            precondition(Ed25519.isValid(signature, of: [1, 2, 3], by: key.publicKey))
            if isBound { precondition(!key.isLocked) }
        }
    }
}
