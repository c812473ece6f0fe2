extension Completion {
    /// The script for zsh: a file named `_cairn` somewhere in `$fpath`.
    func zsh() -> String {
        """
        #compdef cairn
        # zsh completion for cairn: cairn completion zsh > "${fpath[1]}/_cairn"
        _cairn() {
            local place="" index=2
            local -a verbs flags
            case ${words[CURRENT - 1]} in
        \(zshValues)    esac
            while ((index < CURRENT)); do
                case ${words[index]} in
                \(flagsWithValue.map { "--\($0.name)" }.joined(separator: "|"))) ((index += 1)) ;;
                -*) ;;
                *)
                    case "${place:+$place }${words[index]}" in
                    \(places.filter { !$0.path.isEmpty }.map { "(\"\($0.name)\")" }.joined(separator: " | ")))
                        place="${place:+$place }${words[index]}"
                        ;;
                    esac
                    ;;
                esac
                ((index += 1))
            done
            case $place in
        \(zshPlaces)    esac
            if [[ ${words[CURRENT]} == -* ]]; then
                _describe -o flag flags
            elif ((${#verbs})); then
                _describe word verbs
            else
                _files
            fi
        }
        if [[ $funcstack[1] == _cairn ]]; then _cairn "$@"; else compdef _cairn cairn; fi

        """
    }

    private var zshValues: String {
        flagsWithValue.map { flag in
            switch flag.value {
            case .choice(let words): "    --\(flag.name)) compadd -- \(words.joined(separator: " ")); return ;;\n"
            case .path: "    --\(flag.name)) _files; return ;;\n"
            default: "    --\(flag.name)) return ;;\n"
            }
        }.joined()
    }

    private var zshPlaces: String {
        places.map { place in
            let verbs = place.words.map { described($0.word, $0.summary) }.joined(separator: " ")
            let flags = place.flags.map { described("--\($0.name)", $0.summary) }.joined(separator: " ")
            return "    \"\(place.name)\")\n        verbs=(\(verbs))\n        flags=(\(flags))\n        ;;\n"
        }.joined()
    }

    /// `word:summary`, in which a colon of the word's own would end it.
    private func described(_ word: String, _ summary: String) -> String {
        shellQuoted(word.split(separator: ":").joined(separator: "\\:") + ":" + summary)
    }
}
