import Glibc

/// Puts a copy of a program in the place of another, whole or not at all. One that runs goes on with what it was.
func copyProgram(_ source: String, to place: String) throws(Failure) {
    let draft = place + ".new"
    try copyFile(source, to: draft, mode: 0o700)
    // SAFETY: paths are lent to the C library for the length of the call.
    guard unsafe rename(draft, place) == 0 else { throw .cannot(.cannotWrite, "write", place) }
}

/// Copies the bytes of a file, durably; a file that is there already is overwritten.
///
/// - Parameter copied: is told how many more bytes are there.
func copyFile(
    _ source: String, to place: String, mode: mode_t, _ copied: (Int) -> Void = { _ in }
) throws(Failure) {
    // SAFETY: paths are lent to the C library for the length of a call.
    let input = unsafe open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw .cannot(.cannotRead, "read", source) }
    defer { close(input) }
    // SAFETY: as above.
    let output = unsafe open(place, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
    guard output >= 0 else { throw .cannot(.cannotWrite, "write", place) }
    defer { close(output) }
    var buffer = [UInt8](repeating: 0, count: 4 << 20)
    while true {
        // SAFETY: the kernel fills at most the buffer, which outlives the call.
        let count = unsafe read(input, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw .cannot(.cannotRead, "read", source) }
        if count == 0 { break }
        try TextFile.append(Array(buffer[..<count]), to: output, place)
        copied(count)
    }
    guard fsync(output) == 0 else { throw .cannot(.cannotWrite, "write", place) }
}
