internal import CLinux
internal import CairnBase

extension Endpoint {
    /// The kernel door's form. The scope of a link-local address does not survive: such peers are not dialled.
    var kernelForm: clinux_address {
        var form = clinux_address()
        let (high, low) = (address.high.bigEndian, address.low.bigEndian)
        // SAFETY: sixteen bytes are written into a field of sixteen bytes.
        unsafe withUnsafeMutableBytes(of: &form.ip) { bytes in
            unsafe bytes.storeBytes(of: high, as: UInt64.self)
            unsafe bytes.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
        }
        form.port = port
        return form
    }

    init(_ form: clinux_address) {
        // SAFETY: two words are read from a field of sixteen bytes.
        let words = unsafe withUnsafeBytes(of: form.ip) { bytes in
            unsafe (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(
            IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1)), port: form.port)
    }

    /// The address a socket is bound to: the one asked for, with the port the kernel chose.
    init(ofSocket fd: borrowing FileDescriptor) throws(SystemError) {
        var form = clinux_address()
        // SAFETY: the pointer is to a local that lives across the call.
        _ = try checked("getsockname", unsafe clinux_local_address(fd.raw, &form))
        self.init(form)
    }
}
