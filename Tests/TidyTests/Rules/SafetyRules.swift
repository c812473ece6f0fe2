extension Rule {
    static let safety = Rule(
        name: "unsafe code says why it is sound (// SAFETY:)",
        check: { file, _ in
            guard file.target != nil else { return [] }
            let lines = file.words.filter { isUnsafe($0, in: file) }.map(\.line)
            return Set(lines).sorted().filter { !file.explains($0, with: "SAFETY") }.map {
                Finding(file, $0, "unsafe code without '// SAFETY:' on it, its paragraph or its function")
            }
        },
        fires: [
            Sample("Sources/CairnCrypto/Sample.swift", "let a = unsafe f()"),
            Sample("Sources/CairnCrypto/Sample.swift", "bytes.withUnsafeBytes { _ in }"),
            Sample("Sources/CairnCrypto/Sample.swift", "f(UnsafeMutablePointer<UInt8>(a))"),
            Sample("Sources/CairnRuntime/Sample.swift", "final class A: @unchecked Sendable {}"),
            Sample("Sources/CairnRuntime/Sample.swift", "nonisolated(unsafe) var a = 0"),
            Sample("Sources/CairnRuntime/Sample.swift", "// SAFETY: of f\nunsafe f()\n\nunsafe g()"),
            Sample("Sources/CairnRuntime/Sample.swift", "/// SAFETY: of a\nstruct A {\n\n    let a = unsafe f()\n}"),
            Sample("Sources/CairnRuntime/Sample.swift", "// SAFETY: of f\nfunc f() {}\n\nfunc g() { unsafe h() }"),
        ],
        passes: [
            Sample("Sources/CairnCrypto/Sample.swift", "// SAFETY: f takes anything.\nlet b = 1\nlet a = unsafe f()"),
            Sample("Sources/CairnCrypto/Sample.swift", "let a = unsafe f()  // SAFETY: f takes anything."),
            Sample(
                "Sources/CairnCrypto/Sample.swift",
                "// SAFETY: lent.\nfunc f(\n) {\n    if a {\n\n        unsafe g()\n    }\n}"),
            Sample(
                "Sources/CairnCrypto/Sample.swift",
                "/// SAFETY, throughout: lent.\nenum A {\n    let b = 1\n\n    let a = unsafe f()\n}"),
            Sample("Sources/CairnCrypto/Sample.swift", "func f(_ a: UnsafePointer<UInt8>, _ b: UnsafeRawPointer) {}"),
            Sample("Sources/CairnCrypto/Sample.swift", "let a = \"unsafe\"  // unsafe"),
        ])

    static let traps = Rule(
        name: "nothing under Sources traps on '!'",
        check: { file, _ in
            guard file.target != nil else { return [] }
            return file.marks.compactMap { mark in
                guard mark.byte == UInt8(ascii: "!"), file.byte(at: mark.offset + 1) != UInt8(ascii: "=") else {
                    return nil
                }
                let before = file.byte(at: mark.offset - 1)
                let isPostfix =
                    before.isLetter || before.isDigit || [0x29, 0x5d, 0x7d, 0x3e, 0x3f, 0x22].contains(before)
                return isPostfix ? Finding(file, mark.line, "'!' traps where a value is missing") : nil
            }
        },
        fires: [
            Sample("Sources/cairn/Sample.swift", "let a = b!"),
            Sample("Sources/cairn/Sample.swift", "try! f()"),
            Sample("Sources/cairn/Sample.swift", "let a = b as! C"),
            Sample("Sources/cairn/Sample.swift", "f(a[0]!.b)"),
            Sample("Sources/cairn/Sample.swift", "var a: [Int]! = nil"),
        ],
        passes: [
            Sample("Sources/cairn/Sample.swift", "if !a, b != c, a!=b, f(!d) { g(\"h!\") } // i!"),
            Sample("Tests/CairnBaseTests/Sample.swift", "let a = b!"),
        ])

    static let vouching = Rule(
        name: "only cryptography, the simulator, the fuzzer and the benches vouch for signatures",
        check: { file, _ in
            let vouching = ["CairnCrypto", "CairnSimulator", "CairnFuzz", "cairn-bench"]
            guard let target = file.target, !vouching.contains(target) else { return [] }
            return file.words.filter { word in
                word.text == "vouchedFor" && file.byte(at: word.offset + word.text.utf8.count) == UInt8(ascii: ":")
                    && ["Verified", "init"].contains(file.callee(before: word))
            }.map { Finding(file, $0.line, "\(target) may not make a Verified value") }
        },
        fires: [
            Sample("Sources/CairnConsensus/Sample.swift", "let a = Verified(vouchedFor: b, signer: c)"),
            Sample("Sources/CairnConsensus/Sample.swift", "let a = Verified<Vote>(vouchedFor: b, signer: c)"),
            Sample("Sources/CairnNode/Sample.swift", "let a: Verified<B> = .init(\n    vouchedFor: b, signer: c)"),
        ],
        passes: [
            Sample("Sources/CairnCrypto/Sample.swift", "let a = Verified(vouchedFor: b, signer: c)"),
            Sample("Sources/CairnConsensus/Sample.swift", "let a = VerifiedCertificate(vouchedFor: b)"),
            Sample("Sources/CairnWire/Sample.swift", "package init(vouchedFor value: Value, signer: PublicKey) {}"),
        ])

    /// Naming a pointer type in a signature is harmless; making a pointer is not.
    private static func isUnsafe(_ word: SourceFile.Word, in file: SourceFile) -> Bool {
        guard word.text.hasPrefix("Unsafe") else {
            return ["unsafe", "withUnsafe", "@unsafe", "@unchecked", "Unmanaged"].contains(where: word.text.hasPrefix)
        }
        var next = word.offset + word.text.utf8.count
        if file.byte(at: next) == UInt8(ascii: "<") {
            while next < file.code.count, file.byte(at: next) != UInt8(ascii: ">") { next += 1 }
            next += 1
        }
        return [UInt8(ascii: "("), UInt8(ascii: ".")].contains(file.byte(at: next))
    }
}

extension SourceFile {
    /// What is called with the argument list that begins before this word: `f` in `f(word` and in `f<A>(word`.
    fileprivate func callee(before word: Word) -> String {
        var end = word.offset
        while end > 0, code[end - 1].isBlank || code[end - 1] == UInt8(ascii: "(") { end -= 1 }
        if byte(at: end - 1) == UInt8(ascii: ">") {
            while end > 0, code[end - 1] != UInt8(ascii: "<") { end -= 1 }
            end -= 1
        }
        return words.last { $0.offset + $0.text.utf8.count == end }?.text ?? ""
    }
}
