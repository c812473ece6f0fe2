import CairnBase
import CairnCrypto
public import CairnStore

/// What a node seals, and where.
public struct SealedConfiguration: Sendable {
    /// Everything in it belongs to the partitions; made if it is not there, in a directory that is.
    public let directory: String
    /// Bytes that partitions may take, whatever its resource offers.
    public let room: UInt64
    /// The keys of the resource that it is offered as.
    public let device: SharedDeviceKeys
    public var space = DiskSpace()
    /// Bytes of the disk that are left free whatever the room is.
    var reserve = Limits.Store().diskReserve

    public init(directory: String, room: UInt64, device: SharedDeviceKeys) {
        self.directory = directory
        self.room = room
        self.device = device
    }
}
