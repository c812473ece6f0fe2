import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import SampleChains
import Testing

@testable import CairnStore

/// A snapshot whose state is true and whose past is too short: a home made of it could never start.
@Suite struct ShortenedSnapshotTests {
    private let source: TestDirectory
    private let target: TestDirectory
    private let chain: RewardedChain
    private let whole: String
    private let short: String

    init() throws {
        source = try TestDirectory()
        target = try TestDirectory()
        chain = try RewardedChain(in: ChainStore(directory: source.path))
        (whole, short) = (source.path + "/whole", source.path + "/short")
    }

    /// The same file without the blocks before a height, its list of chunks made anew.
    private func shorten(from first: UInt64) throws -> SnapshotHeader {
        var file = try SnapshotFile.open(whole)
        let hash = Blake2b()
        var chunks: [[UInt8]] = []
        for number in 0..<file.header.chunkCount {
            switch try file.chunk(number) {
            case .blocks(let blocks):
                let kept = blocks.filter { $0.height.number >= first }
                if !kept.isEmpty { chunks.append(SnapshotChunk.blocks(kept).encoded) }
            case .entries(let entries): chunks.append(SnapshotChunk.entries(entries).encoded)
            }
        }
        let hashes = chunks.map { SnapshotContents.hash(ofChunk: $0, using: hash) }
        let header = SnapshotHeader(
            chain: file.header.chain, height: file.header.height, block: file.header.block, root: file.header.root,
            entryCount: file.header.entryCount, chunkCount: UInt32(chunks.count),
            chunkList: SnapshotContents.hash(ofList: hashes, using: hash))
        SnapshotDraft.remove(short)
        let draft = try SnapshotDraft(SnapshotContents(header: header, chunks: hashes), at: short, keeping: 0)
        for chunk in chunks { try draft.append(chunk) }
        return header
    }

    private func importing() throws -> SnapshotImport {
        let beginning = SnapshotImport.Beginning(
            chain: chain.genesis.chain(using: Blake2b()), genesis: chain.genesis.encoded, time: chain.genesis.time,
            root: try #require(chain.root(at: .genesis)))
        return SnapshotImport(into: target.path, beginning) { _, _ in true }
    }

    /// Height 132 ends the eleventh epoch of twelve: seats of the next follow from block 126.
    @Test func aPastThatIsTooShortIsALie() throws {
        _ = try ChainReader(directory: source.path).exportSnapshot(to: whole)
        for first in [127, 132] as [UInt64] {
            let header = try shorten(from: first)
            let error = #expect(throws: StoreError.self) { try importing().run(short, root: header.root) }
            #expect(error == .snapshot(path: short, .blocksMissing(Height(126))))
            #expect(!DiskFile.exists(target.path + "/chain.db"))
        }
        #expect(SnapshotFault.blocksMissing(Height(126)).isLie)
        let header = try shorten(from: 126)
        #expect(try importing().run(short, root: header.root).height == Height(132))
    }
}
