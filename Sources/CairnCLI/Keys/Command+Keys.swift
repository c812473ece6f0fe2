import CairnBase
import CairnCrypto
import CairnWire

/// The commands about keys. A key is named after its kind unless its owner names it.
extension Noun {
    static let keys = Noun(
        name: "keys", summary: "Make, show and move keys",
        commands: [.keysList, .keysShow, .keysNew, .keysImport, .keysExport, .keysPasswd, .keysRecover])
}

private enum KeyFlags {
    static let name = Flag.label("name", "Call the key so; unless given, as its kind")
    static let development = Flag.switched("dev", "Take a key without a passphrase, for development networks only")
    static let noPhrase = Flag.switched("no-phrase", "Do not show the 24 words")
    static let phrase = Flag.switched("phrase", "Show the 24 words")
    static let to = Flag.path("to", "FILE", "Write the key file there, sealed as it is")
    static let phraseFile = Flag.path("phrase-file", "FILE", "Read the 24 words from a file instead of asking")
}

private let nameArgument = Argument(
    name: "NAME", summary: "The name of the key, as keys list shows it", value: .label("NAME"))

// MARK: Reading

extension Command {
    static let keysList = Command(
        path: ["keys", "list"],
        summary: "List the keys of the home",
        text: [
            "A key file that cannot be read is listed with the reason, and the others are listed all the same. No "
                + "passphrase is needed."
        ],
        examples: [
            Example("cairn keys", "Lists the keys of the usual home."),
            Example("cairn keys list --home /var/lib/cairn --json", "Lists those of a service, for a script."),
        ],
        exits: [.locked, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            var table = TextTable(["NAME", "KIND", "ID", "PROTECTION"])
            var documents: [JSON] = []
            var worst = ExitCode.ok
            for name in storage.home.keyNames {
                do throws(Failure) {
                    let key = try storage.description(name)
                    table.add([name, "\(key.role)", key.id, key.protection])
                    documents.append(.object(key.fields))
                } catch {
                    table.add([name, "?", error.message, ""])
                    documents.append(["name": .string(name), "error": error.json["error"] ?? nil])
                    worst = error.code.exit
                }
            }
            let isEmpty = documents.isEmpty
            session.answer(
                [.init("home", .string(storage.home.path)), .init("keys", .array(documents))],
                isEmpty ? "no keys in \(storage.home.path)\n" : table.text(session.style))
            if isEmpty { session.note("cairn keys new  makes one") }
            return worst
        })

    static let keysShow = Command(
        path: ["keys", "show"],
        summary: "Show what is public about a key",
        text: ["Without a name it shows the node key, or the only key there is. No passphrase is needed."],
        arguments: [
            Argument(
                name: nameArgument.name, summary: nameArgument.summary, value: nameArgument.value, isRequired: false)
        ],
        examples: [
            Example("cairn keys show", "Shows the peer id of this node."),
            Example("cairn keys show account --json", "Shows the account, for a script."),
        ],
        exits: [.notFound, .locked, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            let names = storage.home.keyNames
            let usual = names.count == 1 ? names[0] : KeyKind.node.rawValue
            let key = try storage.description(session.invocation.argument(0) ?? usual)
            session.answer(key.fields, key.text)
            return .ok
        })
}

// MARK: Making

extension Command {
    static let keysNew = Command(
        path: ["keys", "new"],
        summary: "Make a key",
        text: [
            "The key is sealed under a passphrase and written to a file that only you can read. Its 24 words are shown "
                + "once: on paper, in another place, they bring the key back when file or passphrase are lost. Whoever has "
                + "them has the key.",
            "With --dev the key lies open in its file and has no words. Only development networks take such keys.",
        ],
        arguments: [
            Argument(
                name: KeyKind.argument.name, summary: KeyKind.argument.summary, value: KeyKind.argument.value,
                isRequired: false)
        ],
        flags: [
            KeyFlags.name.declaration, KeyFlags.development.declaration, KeyFlags.noPhrase.declaration,
            PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn keys new account", "Asks for a passphrase and shows the 24 words."),
            Example("cairn keys new node --home ./n1 --dev", "Makes an open key for a development network."),
        ],
        exits: [.locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            let kind = KeyKind(rawValue: session.invocation.argument(0) ?? "") ?? .node
            let name = session.invocation[KeyFlags.name] ?? kind.rawValue
            try storage.checkFree(name)
            let seed = Seed.random()
            if session.invocation.has(KeyFlags.development) {
                let key = try storage.save(.development(seed, role: kind.role), name)
                session.answer(key.fields, key.text)
                return .ok
            }
            let passphrase = try PassphraseSource.current(session).chosen("the \(name) key")
            let key = try storage.save(try storage.seal(seed, kind.role, passphrase), name)
            let words = session.invocation.has(KeyFlags.noPhrase) ? nil : Phrase(seed)
            session.answer(key.fields + (words.map { [$0.member] } ?? []), key.text + (words?.text ?? ""))
            return .ok
        })

    static let keysRecover = Command(
        path: ["keys", "recover"],
        summary: "Bring a key back from its 24 words",
        text: [
            "Asks for the words and for a new passphrase. The kind is not part of the words: say which it was. A key of "
                + "the same name is not overwritten."
        ],
        arguments: [KeyKind.argument],
        flags: [
            KeyFlags.name.declaration, KeyFlags.phraseFile.declaration, PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn keys recover account", "Asks for the words of the account."),
            Example("cairn keys recover node --phrase-file words.txt --name old", "Reads them and names the key old."),
        ],
        exits: [.locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            let kind = KeyKind(rawValue: session.invocation.argument(0) ?? "") ?? .node
            let name = session.invocation[KeyFlags.name] ?? kind.rawValue
            try storage.checkFree(name)
            let seed = try Phrase.seed(session, file: KeyFlags.phraseFile)
            let passphrase = try PassphraseSource.current(session).chosen("the \(name) key")
            let key = try storage.save(try storage.seal(seed, kind.role, passphrase), name)
            session.answer(key.fields, key.text)
            return .ok
        })
}

// MARK: Moving

extension Command {
    static let keysImport = Command(
        path: ["keys", "import"],
        summary: "Take a key file into the home",
        text: [
            "The file is opened once with its passphrase, so that nobody finds out later that it was the wrong one. It "
                + "keeps its kind and its passphrase."
        ],
        arguments: [Argument(name: "FILE", summary: "A key file, from keys export", value: .path("FILE"))],
        flags: [
            KeyFlags.name.declaration, KeyFlags.development.declaration, PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn keys import account.key", "Takes it in under the name of its kind."),
            Example("cairn keys import n1.key --name spare --home ./n2", "Takes it into another home as spare."),
        ],
        exits: [.failed, .notFound, .refused, .locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            let file = joinPath(session.surroundings.workingDirectory, session.invocation.argument(0) ?? "")
            let keystore = try storage.load(file: file)
            let name = session.invocation[KeyFlags.name] ?? "\(keystore.role)"
            try storage.checkFree(name)
            if keystore.isDevelopment {
                guard session.invocation.has(KeyFlags.development) else {
                    throw Failure(KeystoreError.development, of: file)
                }
            } else {
                _ = try storage.open(keystore, file, PassphraseSource.current(session).existing(file))
            }
            let key = try storage.save(keystore, name)
            session.answer(key.fields, key.text)
            return .ok
        })

    static let keysExport = Command(
        path: ["keys", "export"],
        summary: "Write a key to a file, or show its 24 words",
        text: [
            "With --to the file is written as it is, sealed under the same passphrase, and never over another. With "
                + "--phrase the passphrase is asked for and the 24 words are shown: whoever sees them has the key."
        ],
        arguments: [nameArgument],
        flags: [KeyFlags.to.declaration, KeyFlags.phrase.declaration, PassphraseSource.file.declaration],
        examples: [
            Example("cairn keys export account --to /media/stick/account.key", "Copies the sealed key."),
            Example("cairn keys export account --phrase", "Shows the 24 words once more."),
        ],
        exits: [.failed, .notFound, .locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            let name = session.invocation.argument(0) ?? ""
            let target = session.invocation[KeyFlags.to]
            guard (target != nil) != session.invocation.has(KeyFlags.phrase) else {
                throw Failure(
                    .conflictingFlags, "keys export wants either --to FILE or --phrase",
                    hints: [Hint("--to FILE", "writes the sealed key"), Hint("--phrase", "shows the 24 words")])
            }
            let keystore = try storage.load(name)
            guard let target else {
                let words = Phrase(try storage.seed(of: keystore, name, session))
                session.answer([.init("name", .string(name)), words.member], words.text)
                return .ok
            }
            let file = joinPath(session.surroundings.workingDirectory, target)
            try storage.save(keystore, file: file)
            session.answer(
                [.init("name", .string(name)), .init("file", .string(file))], "wrote \(file)\n")
            return .ok
        })

    static let keysPasswd = Command(
        path: ["keys", "passwd"],
        summary: "Change the passphrase of a key",
        text: [
            "The key stays the same; only what opens the file changes. Copies of the file keep the passphrase they had. An "
                + "open development key becomes a sealed one."
        ],
        arguments: [nameArgument],
        flags: [PassphraseSource.file.declaration, PassphraseSource.newFile.declaration],
        examples: [
            Example("cairn keys passwd account", "Asks for the old passphrase, then for the new one."),
            Example("cairn keys passwd node --passphrase-file old --new-passphrase-file new", "Reads both from files."),
        ],
        exits: [.failed, .notFound, .locked, .damaged],
        run: { session throws(Failure) in
            let storage = try KeyStorage(session)
            let name = session.invocation.argument(0) ?? ""
            let keystore = try storage.load(name)
            let seed = try storage.seed(of: keystore, name, session)
            let passphrase = try PassphraseSource.new(session).chosen("the \(name) key")
            let key = try storage.save(try storage.seal(seed, keystore.role, passphrase), name, replacing: true)
            session.answer(key.fields, key.text)
            return .ok
        })
}
