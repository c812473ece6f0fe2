import CairnBase
import CairnWire

@testable import CairnGossip
@testable import CairnRuntime

/// A router that speaks NAT-PMP on a loopback network, and a liar beside it.
final class PlayedRouter {
    enum Mood { case honest, silent, refusing(UInt16) }

    private(set) var socket: UDPSocket?
    private let loop: EventLoop
    let place: PortMappingPlace
    var mood = Mood.honest
    var epoch: UInt32 = 1_000
    var lease: UInt32 = 3_600
    private(set) var table: [GatewayTransport: UInt16] = [:]
    private(set) var questions: [[UInt8]] = []
    private(set) var askers: [IPAddress] = []
    /// Sent before each answer, from the router or from somebody else.
    var lies: (([UInt8]) -> [(bytes: [UInt8], isFromRouter: Bool)])?
    private var liar: UDPSocket?
    /// After each question that was answered or heard in vain.
    var onQuestion: (() -> Void)?
    /// What a test waits for now; what is left of the wait before counts no more.
    var turn = 0

    init(_ network: UInt8, on loop: EventLoop) throws {
        self.loop = loop
        let gateway = Endpoint.freeLoopback(network: network)
        place = PortMappingPlace(
            local: Endpoint.freeLoopback(network: network, host: 5).address, gateway: gateway.address)
        let inbox = Inbox()
        socket = try UDPSocket(on: loop, bind: gateway) { inbox.receive?($0, $1.array) }
        liar = try UDPSocket(on: loop, bind: .freeLoopback(network: network, host: 66)) { _, _ in }
        inbox.receive = { [unowned self] in answer($1, to: $0) }
    }

    private final class Inbox {
        var receive: ((Endpoint, [UInt8]) -> Void)?
    }

    var settings: PortMapperSettings {
        var settings = PortMapperSettings()
        settings.takesLoopback = true
        settings.gatewayPort = socket?.local.port ?? 0
        (settings.repetition, settings.tries) = (.milliseconds(20), 3)
        (settings.retry, settings.hurriedRetry) = (.milliseconds(50), .milliseconds(50))
        settings.renewedAtEarliest = .milliseconds(10)
        return settings
    }

    func forget() { table = [:] }

    func listening(port: UInt16) -> Endpoint { Endpoint(place.local, port: port) }

    private func answer(_ question: [UInt8], to node: Endpoint) {
        questions.append(question)
        askers.append(node.address)
        defer { onQuestion?() }
        for lie in lies?(question) ?? [] { (lie.isFromRouter ? socket : liar)?.send(lie.bytes, to: node) }
        if let bytes = answer(question) { socket?.send(bytes, to: node) }
    }

    private func answer(_ question: [UInt8]) -> [UInt8]? {
        var result: UInt16 = 0
        switch mood {
        case .silent: return nil
        case .refusing(let code): result = code
        case .honest: break
        }
        var writer = ByteWriter()
        writer.raw([0, 128 + question[1]])
        writer.u16(result.byteSwapped)
        writer.u32(epoch.byteSwapped)
        guard let transport = GatewayTransport(rawValue: question[1]) else {
            writer.raw([203, 0, 113, 7])
            return writer.bytes
        }
        let isRemoval = question[8...].allSatisfy { $0 == 0 }
        if result == 0 { table[transport] = isRemoval ? nil : UInt16(question[6]) << 8 | UInt16(question[7]) }
        writer.raw(Array(question[4..<8]))
        writer.u32((isRemoval ? 0 : lease).byteSwapped)
        return writer.bytes
    }
}

/// A router that takes orders by UPnP: a description, and a service that answers three actions.
final class PlayedUPnP {
    private var listener: StreamListener?
    private var talks: [Talk] = []
    private(set) var table: [String] = []
    /// What it answers to an order for UDP, instead of taking it.
    var errorForUDP: Int?
    /// Where it says that its service is; empty: where the description is.
    var base = ""
    let place: PortMappingPlace

    init(_ network: UInt8, on loop: EventLoop) throws {
        let gateway = Endpoint.freeLoopback(network: network)
        place = PortMappingPlace(
            local: Endpoint.freeLoopback(network: network, host: 5).address, gateway: gateway.address)
        var admission = StreamListener.Admission()
        admission.perAddress = 16
        listener = try StreamListener(on: loop, at: .network(gateway), admission: admission, limits: .init()) {
            [unowned self] socket in
            let talk = Talk(self)
            talks.append(talk)
            socket.handler = talk
        }
    }

    var description: String {
        guard case .network(let endpoint) = listener?.place else { return "" }
        return "http://\(endpoint)/root.xml"
    }

    func close() { listener?.close() }

    private final class Talk: StreamHandler {
        private unowned let router: PlayedUPnP
        private var text = ""

        init(_ router: PlayedUPnP) { self.router = router }

        func streamReceived(_ stream: StreamConnection) {
            text += String(decoding: stream.withInput { $0.take(.max) }, as: UTF8.self)
            // The library sends head and body in one; the last element closes an order.
            guard text.hasPrefix("GET ") ? text.contains("\r\n\r\n") : text.contains("</s:Envelope>") else { return }
            defer { text = "" }
            let (status, body) = text.hasPrefix("GET ") ? ("200 OK", router.root) : router.act(on: text)
            let answer = "HTTP/1.1 \(status)\r\nContent-Type: text/xml\r\nContent-Length: \(body.utf8.count)\r\n"
            _ = stream.send(Array((answer + "Connection: close\r\n\r\n" + body).utf8))
            stream.finish()
        }

        func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {}
    }

    private static let service = "urn:schemas-upnp-org:service:WANIPConnection:1"

    private var root: String {
        "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">"
            + (base.isEmpty ? "" : "<URLBase>\(base)</URLBase>")
            + "<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><deviceList><device>"
            + "<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><serviceList><service>"
            + "<serviceType>\(Self.service)</serviceType><controlURL>/control</controlURL>"
            + "<eventSubURL>/events</eventSubURL><SCPDURL>/scpd</SCPDURL></service></serviceList></device></deviceList>"
            + "</device></root>"
    }

    private func act(on order: String) -> (status: String, body: String) {
        func value(_ name: String) -> String {
            let start = order.firstRange(of: "<\(name)>")?.upperBound
            let end = order.firstRange(of: "</\(name)>")?.lowerBound
            guard let start, let end, start <= end else { return "" }
            return String(order[start..<end])
        }
        let protocolName = value("NewProtocol")
        let line =
            "\(protocolName) \(value("NewExternalPort")) -> \(value("NewInternalClient")):\(value("NewInternalPort"))"
        if order.contains("u:GetExternalIPAddress") {
            return envelope("<NewExternalIPAddress>203.0.113.7</NewExternalIPAddress>", "GetExternalIPAddressResponse")
        }
        if order.contains("u:AddPortMapping") {
            if let errorForUDP, protocolName == "UDP" {
                let (_, body) = envelope(
                    "<faultcode>s:Client</faultcode><errorCode>\(errorForUDP)</errorCode>", "Fault")
                return ("500 Internal Server Error", body)
            }
            table.append(line)
            return envelope("", "AddPortMappingResponse")
        }
        table.removeAll { $0.hasPrefix("\(protocolName) \(value("NewExternalPort")) ") }
        return envelope("", "DeletePortMappingResponse")
    }

    private func envelope(_ content: String, _ name: String) -> (status: String, body: String) {
        (
            "200 OK",
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
                + "<u:\(name) xmlns:u=\"\(Self.service)\">\(content)</u:\(name)></s:Body></s:Envelope>"
        )
    }
}
