internal import CLinux
public import CairnBase
internal import Glibc

/// Accepts TCP or unix-domain connections, within limits.
///
/// When the process runs out of descriptors the listener pauses instead of being woken for the same waiting connection
/// again and again. Whoever comes past a limit is closed at once and counted.
public final class StreamListener {
    public enum Place: Sendable, Equatable {
        case network(Endpoint)
        /// A socket file that only the owner may use.
        case local(path: String)
    }

    public struct Admission: Sendable {
        public var total = 256
        /// From one IP address; does not apply to a unix-domain socket.
        public var perAddress = 8
        public var acceptsPerTurn = 32
        public var backlog: Int32 = 128
        public var pauseWhenExhausted: TimeSpan = .milliseconds(100)

        public init() {}
    }

    public struct Counters: Sendable, Equatable {
        public var accepted: UInt64 = 0
        public var refused: UInt64 = 0
        /// Times the listener paused because descriptors or memory ran out.
        public var exhausted: UInt64 = 0
    }

    /// Decides what to do with a connection: it sets the handler, or closes it.
    public typealias Accept = (StreamConnection) -> Void

    /// Where it listens, with the port the kernel chose.
    public let place: Place
    public private(set) var counters = Counters()
    public private(set) var openCount = 0

    private let loop: EventLoop
    /// Nil once closed.
    private var fd: FileDescriptor?
    private let admission: Admission
    private let limits: StreamConnection.Limits
    private let accept: Accept
    private var watch: Watch?
    private var openByAddress: [IPAddress: Int] = [:]

    public init(
        on loop: EventLoop, at place: Place, admission: Admission = Admission(),
        limits: StreamConnection.Limits = StreamConnection.Limits(), accept: @escaping Accept
    ) throws(SystemError) {
        self.loop = loop
        self.admission = admission
        self.limits = limits
        self.accept = accept
        let fd: FileDescriptor
        switch place {
        case .network(let endpoint):
            var form = endpoint.kernelForm
            // SAFETY: the pointer is to a local that lives across the call.
            fd = try FileDescriptor("listen", unsafe clinux_tcp_listen(&form, admission.backlog))
            self.place = .network(try Endpoint(ofSocket: fd))
        case .local(let path):
            removeSocketFile(path)
            fd = try FileDescriptor("listen", clinux_unix_listen(path, admission.backlog))
            self.place = place
        }
        let raw = fd.raw
        watch = try loop.watch(fd, for: .readable) { [weak self] _ in self?.acceptWaiting(raw) }
        self.fd = consume fd
    }

    deinit {
        close()
    }

    /// Stops accepting and removes the socket file. Connections that are open stay open.
    public func close() {
        guard let watch else { return }
        loop.end(watch)
        self.watch = nil
        fd = nil
        if case .local(let path) = place { removeSocketFile(path) }
    }

    private func acceptWaiting(_ raw: Int32) {
        for _ in 0..<admission.acceptsPerTurn {
            guard watch != nil else { return }
            var form = clinux_address()
            // SAFETY: the pointer is to a local that lives across the call.
            let result = unsafe clinux_accept(raw, &form)
            guard result >= 0 else {
                let error = SystemError("accept", code: -result)
                if error.isExhaustion { pause() }
                // Anything else concerns a connection that is already gone, or says that none is waiting.
                return
            }
            admit(FileDescriptor(result), from: Endpoint(form))
        }
    }

    private func admit(_ connection: consuming FileDescriptor, from endpoint: Endpoint) {
        let address = isNetwork ? endpoint.address : nil
        let fromSame = address.map { openByAddress[$0, default: 0] } ?? 0
        guard openCount < admission.total, fromSame < admission.perAddress || address == nil,
            let stream = open(connection, from: endpoint)
        else {
            counters.refused += 1
            return
        }
        counters.accepted += 1
        openCount += 1
        if let address { openByAddress[address] = fromSame + 1 }
        stream.onEnd = { [weak self] in self?.forget(address) }
        accept(stream)
    }

    private func open(_ connection: consuming FileDescriptor, from endpoint: Endpoint) -> StreamConnection? {
        var peer = StreamConnection.Peer.network(endpoint)
        if !isNetwork {
            var user: UInt32 = 0
            // SAFETY: the pointer is to a local that lives across the call.
            guard unsafe clinux_peer_user(connection.raw, &user) == 0 else { return nil }
            peer = .local(user: user)
        }
        return try? StreamConnection(on: loop, connection, peer: peer, limits: limits)
    }

    private var isNetwork: Bool {
        if case .network = place { true } else { false }
    }

    private func forget(_ address: IPAddress?) {
        openCount -= 1
        guard let address, let count = openByAddress[address] else { return }
        openByAddress[address] = count > 1 ? count - 1 : nil
    }

    private func pause() {
        counters.exhausted += 1
        setReadable(false)
        loop.after(admission.pauseWhenExhausted) { [weak self] in self?.setReadable(true) }
    }

    private func setReadable(_ isReadable: Bool) {
        guard var watch else { return }
        loop.change(&watch, to: isReadable ? .readable : [])
        self.watch = watch
    }
}

/// Removes what an earlier process left at `path`, if that is a socket and nothing else.
private func removeSocketFile(_ path: String) {
    var status = stat()
    // SAFETY: the pointer is to a local that lives across the call.
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    _ = unlink(path)
}
