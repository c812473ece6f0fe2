import CSQLite
public import CairnStorage
import Glibc

/// Why a shelf did not do what a client asked.
public enum PieceRefusal: PieceRefusing, Equatable, Sendable {
    case refused(PieceStatus)
    /// The next portion begins here.
    case outOfOrder(next: Int)
    /// The disk or the index failed.
    case failed(StoreError)

    public var status: PieceStatus {
        switch self {
        case .refused(let status): status
        case .outOfOrder: .outOfOrder
        case .failed(let error): error.isNoSpace ? .diskFull : .unavailable
        }
    }

    public var next: Int? {
        guard case .outOfOrder(let next) = self else { return nil }
        return next
    }
}

extension StoreError {
    /// Whether it says something about the bytes of a file, and not about this process or this moment: they are gone,
    /// cut, or the disk cannot give them any more.
    var meansDamage: Bool {
        switch self {
        case .file(_, _, let errno): [ENOENT, ENOTDIR, EISDIR, EIO, EUCLEAN, EBADMSG].contains(errno)
        case .damaged: true
        default: false
        }
    }

    var isNoSpace: Bool {
        switch self {
        case .file(_, _, let errno): errno == ENOSPC || errno == EDQUOT
        case .sqlite(let code, _, _): code & 0xff == SQLITE_FULL
        case .diskFull: true
        default: false
        }
    }
}
