extension Completion {
    /// The script for bash; it needs no bash-completion package.
    func bash() -> String {
        """
        # bash completion for cairn: source <(cairn completion bash)
        _cairn() {
            local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
            local place="" words="" flags="" index=1
            case $previous in
        \(bashValues)    esac
            while ((index < COMP_CWORD)); do
                case ${COMP_WORDS[index]} in
                \(flagsWithValue.map { "--\($0.name)" }.joined(separator: "|"))) ((index += 1)) ;;
                -*) ;;
                *)
                    case "${place:+$place }${COMP_WORDS[index]}" in
                    \(places.filter { !$0.path.isEmpty }.map { "\"\($0.name)\"" }.joined(separator: " | ")))
                        place="${place:+$place }${COMP_WORDS[index]}"
                        ;;
                    esac
                    ;;
                esac
                ((index += 1))
            done
            case $place in
        \(bashPlaces)    esac
            [[ $word == -* ]] && words=$flags
            COMPREPLY=($(compgen -W "$words" -- "$word"))
        }
        complete -o default -F _cairn cairn

        """
    }

    private var bashValues: String {
        flagsWithValue.map { flag in
            switch flag.value {
            case .choice(let words):
                "    --\(flag.name)) COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$word\")); return ;;\n"
            case .path:
                "    --\(flag.name)) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
            default:
                "    --\(flag.name)) COMPREPLY=(); return ;;\n"
            }
        }.joined()
    }

    private var bashPlaces: String {
        places.map { place in
            let words = place.words.map(\.word).joined(separator: " ")
            let flags = place.flags.map { "--\($0.name)" }.joined(separator: " ")
            return "    \"\(place.name)\")\n        words=\"\(words)\"\n        flags=\"\(flags)\"\n        ;;\n"
        }.joined()
    }
}
