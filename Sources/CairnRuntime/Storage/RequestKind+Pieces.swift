internal import CairnBase
internal import CairnStorage
public import CairnTransport

extension RequestKind {
    /// Questions about pieces. The portion that makes a piece whole waits for the disk.
    public static let pieces = RequestKind(
        "store", .bulk, questionLimit: PieceQuestion.byteLimit, answerLimit: PieceQuestion.byteLimit,
        time: .seconds(30))
}
