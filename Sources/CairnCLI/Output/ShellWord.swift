/// A text as one word of a shell: as it is where every byte is harmless, in single quotes otherwise.
func shellWord(_ text: String) -> String {
    let isHarmless = text.utf8.allSatisfy { byte in
        isLabelByte(byte)
            || [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: ",")].contains(byte)
    }
    return isHarmless && !text.isEmpty ? text : shellQuoted(text)
}

/// The same, always in quotes, for scripts that are generated.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
