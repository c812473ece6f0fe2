internal import CUPnP
import CairnBase
import CairnGossip

/// Carries out orders of UPnP on a thread of its own, which exists from the first order of a machine that has the library.
final class UPnPDesk {
    private let loop: EventLoop
    private let makeRouter: @Sendable (UPnPOrder) -> UPnPRouter
    private var worker: Worker<UPnPOrder, UPnPAnswer>?
    private var waiting: [(UPnPAnswer) -> Void] = []

    /// - Parameter description: where a router describes itself, for tests; otherwise it is looked for.
    init(on loop: EventLoop, description: String? = nil) {
        self.loop = loop
        makeRouter = { UPnPRouter(at: $0.place, description: description) }
    }

    static var hasLibrary: Bool { cupnp_present() }

    func carryOut(_ order: UPnPOrder, _ answer: @escaping (UPnPAnswer) -> Void) {
        guard Self.hasLibrary else { return fail(.noLibrary, answer) }
        if worker == nil { worker = open() }
        guard let worker, worker.submit(order) else { return fail(.silent, answer) }
        waiting.append(answer)
    }

    private func open() -> Worker<UPnPOrder, UPnPAnswer>? {
        try? Worker(
            name: "upnp", on: loop, capacity: 2,
            makeWork: { [makeRouter] in
                var router: UPnPRouter?
                return { order in
                    if router?.place != order.place { router = makeRouter(order) }
                    return router?.carryOut(order) ?? .failed(.silent)
                }
            },
            complete: { [weak self] answer in
                guard let self, !waiting.isEmpty else { return }
                waiting.removeFirst()(answer)
            })
    }

    /// Not in this call: whoever orders is in the middle of its own turn.
    private func fail(_ why: PortMappingTrouble, _ answer: @escaping (UPnPAnswer) -> Void) {
        loop.after(.zero) { answer(.failed(why)) }
    }
}

/// A router, and where it takes its orders once that is known. Every call blocks.
private struct UPnPRouter {
    let place: PortMappingPlace
    let description: String?
    private var found: cupnp_router?

    init(at place: PortMappingPlace, description: String?) {
        (self.place, self.description) = (place, description)
    }

    mutating func carryOut(_ order: UPnPOrder) -> UPnPAnswer {
        // Also to take something away: a renewal that failed had it forgotten where.
        if found == nil, let trouble = trouble(of: find()) {
            return order.action == .map ? .failed(trouble) : .unmapped
        }
        guard var router = found else { return .failed(.silent) }
        switch order.action {
        case .unmap:
            // SAFETY: the router is a local that lives across the call.
            _ = unsafe cupnp_unmap(&router, order.outside)
            return .unmapped
        case .map:
            var text = [CChar](repeating: 0, count: 16)
            // SAFETY: the router is a local, the text has the sixteen bytes that are written.
            let result = unsafe cupnp_map(
                &router, place.local.description, order.inside, order.outside, order.seconds, &text)
            if let trouble = trouble(of: result) {
                // It may have been started anew, with other addresses for its services.
                found = nil
                return .failed(trouble)
            }
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            guard let address = IPAddress(String(decoding: bytes, as: UTF8.self)) else {
                return .failed(.networkFailure)
            }
            return .mapped(Endpoint(address, port: order.outside))
        }
    }

    private mutating func find() -> Int32 {
        var router = cupnp_router()
        let (local, gateway) = (place.local.description, place.gateway.description)
        let result: Int32
        if let description {
            // SAFETY: the router is a local that lives across the call.
            result = unsafe cupnp_describe(description, gateway, &router)
        } else {
            // SAFETY: as above.
            result = unsafe cupnp_find(local, gateway, &router)
        }
        if result == Int32(CUPNP_DONE.rawValue) { found = router }
        return result
    }

    private func trouble(of result: Int32) -> PortMappingTrouble? {
        switch cupnp_result(UInt32(bitPattern: result)) {
        case CUPNP_DONE: nil
        case CUPNP_NO_LIBRARY: .noLibrary
        case CUPNP_SILENT: .silent
        case CUPNP_NOT_AUTHORIZED: .notAuthorized
        case CUPNP_TAKEN: .outOfResources
        case CUPNP_UNCONNECTED: .networkFailure
        default: .unknownRefusal
        }
    }
}
