import CairnBase
import Testing

@testable import CairnTransport

/// A whole set-up with known keys, pinned: the bytes on the wire change only when somebody means them to.
@Suite struct TranscriptTests {
    /// Each flight as its sender's bytes, from the connect to the agreement on yamux.
    private func flights() -> [[UInt8]] {
        var pair = ConnectionPair(seed: 1)
        var flights: [[UInt8]] = []
        while pair.dialer.hasOutput || pair.listener.hasOutput {
            var bytes: [UInt8] = []
            if pair.dialer.hasOutput {
                pair.dialer.produce(1 << 16, into: &bytes, events: &pair.atDialer)
                pair.listener.receive(bytes.span.bytes, at: .origin, into: &pair.atListener)
            } else {
                pair.listener.produce(1 << 16, into: &bytes, events: &pair.atListener)
                pair.dialer.receive(bytes.span.bytes, at: .origin, into: &pair.atDialer)
            }
            flights.append(bytes)
        }
        return flights
    }

    static let pinned = [
        "132f6d756c746973747265616d2f312e302e300a072f6e6f6973650a002022108d38c57d518a4d4b81a81846f0bc1d23"
            + "a6b718a100e258049fbc158cea76",
        "132f6d756c746973747265616d2f312e302e300a072f6e6f6973650a00c84f23ccbe839e370d557ec5a52e5695e19524"
            + "888b36b2b7eb730fa5ed4e212d505ff29584b5a7c843b8814db38441896f15f43651e64dadf083433f532d0c9930ec6b"
            + "a20b1f95d766a5e887123691b8c5604c0e9c886891f7fe8956d1ee37c80fa8dd03164c1e26911848e08b1f19078eb059"
            + "b4786d7e099fce0d486ab165767f027931ec7c7e1501b577c1719a282abe9512a2ae84f4f5de1994c9810b961d1e28a4"
            + "3f77a4a34c06cdbf0f3eed72987cbd4b8e1c725fac1df4d934e24ef9282e0a09d6937695bcf5",
        "00a8d2cff54cb73bf43db0f1268d90bd4ba6745c5e9dd9ad5d7fcb6255ae17b53ba4cda5be44f2129d470bd5901a60f4"
            + "1c7f90b97e601db3570ccdea45eb78677af24bb82e9b18b1fe3df27f4ee5e505d7ae701c49835c3daf968f84c173699a"
            + "5d323262d8e036e4c347c7198e302cb353fcb4ad2e34169b2d81c669a8413bfa9cab447eb977e3f0193aa55510452aea"
            + "749ded1a683e258c93873934f7db75a7b81c1b2cadf0aeff273700326613b33533089c07530e7512b07bafadba15de34"
            + "57531a24bf8e6dee477ca1bf18a893257649206c4d2e05bc0925763771fe",
        "00327b46fcd0220eb12b0e5b37b40b996a92f077b6c65179ba8f70c68f00f5b4e9e873ea5c03848f6d88c26085108fcd"
            + "998952aa",
    ]

    @Test func everyFlightIsThePinnedOne() {
        #expect(flights().map { hex($0) } == Self.pinned)
    }

    /// The sizes that other implementations send too: Noise messages of 32, 200 and 168 bytes behind their lengths.
    @Test func theMessagesHaveTheSizesOfAnyLibp2p() {
        let negotiation = HostileDialer.noise.count
        let muxer = 2 + HostileDialer.yamux.count + 16
        #expect(flights().map(\.count) == [negotiation + 2 + 32, negotiation + 2 + 200, 2 + 168 + muxer, muxer])
    }
}
