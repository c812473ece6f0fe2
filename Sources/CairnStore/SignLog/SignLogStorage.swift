/// Where a sign log's segments lie: a directory in a node, a simulated disk in tests.
///
/// The log trusts only what `sync` has returned for. Every failure is final for the process: after a failed write or sync
/// nobody knows what is on the disk.
protocol SignLogStorage: AnyObject {
    /// The numbers of the segments there are, ascending.
    func segments() throws(SignLogError) -> [UInt32]
    /// A new segment of zeros, durable together with its name when this returns.
    func create(_ segment: UInt32, byteCount: Int) throws(SignLogError)
    func read(_ segment: UInt32) throws(SignLogError) -> [UInt8]
    func write(_ segment: UInt32, _ bytes: [UInt8], at offset: Int) throws(SignLogError)
    func sync(_ segment: UInt32) throws(SignLogError)
    func remove(_ segment: UInt32) throws(SignLogError)
}
