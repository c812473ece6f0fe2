import CairnBase
import Glibc

/// Whether a server could listen at an IPv4 address now, for streams and datagrams.
///
/// Somebody may take it a moment later; then the node that wanted it says so.
func isFree(_ endpoint: Endpoint) -> Bool {
    guard let address = endpoint.address.v4 else { return false }
    return [SOCK_STREAM, SOCK_DGRAM].allSatisfy { kind in
        let descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As servers do: a connection that was closed a minute ago is not in the way.
        // SAFETY: the kernel reads locals, each of the length that is passed with it.
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = endpoint.port.bigEndian
        form.sin_addr.s_addr = address.bigEndian
        return unsafe withUnsafePointer(to: &form) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
