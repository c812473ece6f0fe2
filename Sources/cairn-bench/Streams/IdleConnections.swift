import CBaseline
import CairnBase
import CairnCrypto
import CairnRuntime
import CairnTransport
import Glibc

/// Many connections that have introduced themselves and say nothing more, both ends in this process, from as many
/// addresses of the loopback network as there are connections.
final class IdleConnections {
    private let loop: EventLoop
    private var listener: StreamListener?
    private var streams: [SecureStream] = []
    private(set) var established = 0
    private(set) var failures = 0
    private let count: Int
    private let ours = MemoryWire.freshIdentity()
    private let theirs = MemoryWire.freshIdentity()

    /// Opens `count` of them and gives how much memory one end of one takes.
    static func bytesPerEnd(_ count: Int) throws -> Double {
        var files = rlimit(rlim_cur: 8_192, rlim_max: 8_192)
        // SAFETY: the pointer is to a local that lives across the call.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        let connections = try IdleConnections(count)
        let before = baseline_resident()
        try connections.open()
        guard connections.failures == 0, connections.established == 2 * count else {
            throw SystemError("connect", code: ECONNRESET)
        }
        return (Double(baseline_resident()) - Double(before)) / Double(2 * count)
    }

    private init(_ count: Int) throws {
        self.count = count
        loop = try EventLoop()
        // The listener's limits per address are what this measurement lifts.
        var admission = StreamListener.Admission()
        admission.total = count
        admission.perAddress = count
        listener = try StreamListener(
            on: loop, at: .network(Endpoint(.loopback, port: 0)), admission: admission, limits: .ofPeers
        ) { [weak self] socket in
            guard let self else { return socket.close() }
            add(.listener, over: socket, as: theirs)
        }
    }

    private func open() throws {
        streams.reserveCapacity(2 * count)
        dialNext(0)
        try loop.run()
    }

    /// A few at a time, as the listener's queue is short.
    private func dialNext(_ number: Int) {
        guard number < count, case .network(let endpoint)? = listener?.place else { return }
        let source = IPAddress("127.\(1 + number / 62_500).\(number / 250 % 250 + 1).\(number % 250 + 1)")
        do throws(SystemError) {
            let socket = try StreamConnection.connect(on: loop, to: endpoint, from: source, limits: .ofPeers)
            add(.dialer, over: socket, as: ours)
        } catch {
            failures += 1
            return loop.stop()
        }
        loop.after(.microseconds(200)) { [weak self] in self?.dialNext(number + 1) }
    }

    private func add(_ role: YamuxSession.Role, over socket: StreamConnection, as identity: NoiseIdentity) {
        let connection = Connection(
            role, as: identity, ephemeral: .generate(), speaking: Introductions.protocols, at: loop.now)
        streams.append(
            SecureStream(on: loop, over: socket, connection) { [weak self] _, event in self?.note(event) })
    }

    private func note(_ event: SecureStream.Event) {
        switch event {
        case .connection(.established): established += 1
        case .ended: failures += 1
        case .connection: return
        }
        guard failures > 0 || established == 2 * count else { return }
        loop.after(.milliseconds(200)) { [weak self] in self?.loop.stop() }
    }
}
