/// Something spoken on a stream: its name on the wire and how urgent our bytes in it are.
public struct StreamProtocol: Sendable, Equatable {
    public let name: String
    public let sendClass: SendClass

    public init(_ name: String, _ sendClass: SendClass) {
        self.name = name
        self.sendClass = sendClass
    }
}
