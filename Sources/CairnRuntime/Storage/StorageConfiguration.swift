public import CairnStore

/// What a node keeps for others, and where.
public struct StorageConfiguration: Sendable {
    /// Everything in it belongs to the shelf; made if it is not there, in a directory that is.
    public let directory: String
    /// Bytes that pieces may take.
    public let capacity: UInt64
    /// The keys of the resource that it is offered as: the node's own.
    public let device: SharedDeviceKeys
    public var space = DiskSpace()

    public init(directory: String, capacity: UInt64, device: SharedDeviceKeys) {
        self.directory = directory
        self.capacity = capacity
        self.device = device
    }
}
