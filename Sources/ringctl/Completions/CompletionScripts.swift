/// The scripts of three shells. Each finds the words of the command before the cursor, and then offers what may follow.
enum CompletionScripts {
    // MARK: bash

    static func bash(_ model: CompletionModel) -> String {
        let common = Self.names(model.commonFlags)
        return #"""
            # bash completion for ringctl: source <(ringctl completions bash)
            _ringctl() {
                local cur=${COMP_WORDS[COMP_CWORD]} chosen='' flag='' word i
                COMPREPLY=()
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    if [[ -n $flag ]]; then flag=''; continue; fi
                    case $word in
                        \#(model.valued.joined(separator: "|"))) flag=$word ;;
                        -*) ;;
                        *) case ${chosen:+$chosen }$word in
                            \#(Self.alternatives(model.paths))) chosen=${chosen:+$chosen }$word ;;
                        esac ;;
                    esac
                done
                if [[ -n $flag ]]; then
                    case "$chosen $flag" in
            \#(Self.lines(model.values) { "            \(Self.patterns($0.flags))) \(Self.bash($0.completion)) ;;" })
                    esac
                    return
                fi
                if [[ $cur == -* ]]; then
                    case $chosen in
            \#(Self.lines(model.ownFlags) {
                "            \($0.path.shellQuoted)) _ringctl_offer \(Self.names($0.flags)) \(common) ;;"
            })
                        *) _ringctl_offer \#(common) ;;
                    esac
                    return
                fi
                case $chosen in
            \#(Self.lines(model.next) {
                "        \($0.path.shellQuoted)) _ringctl_offer \($0.words.map(\.word).joined(separator: " ")) ;;"
            })
            \#(Self.lines(model.arguments) { "        \($0.path.shellQuoted)) \(Self.bash($0.completion)) ;;" })
                esac
            }
            _ringctl_offer() { mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur"); }
            _ringctl_files() {
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            }
            _ringctl_folders() {
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -d -- "$cur")
            }
            # Names are quoted here: bash expands what it takes for names of files, and so runs commands in them.
            _ringctl_devices() {
                local name start=${cur#[\'\"]}
                start=${start//\\/}
                while IFS= read -r name; do
                    [[ $name == "$start"* ]] || continue
                    case $cur in
                        \'*) name=${name//\'/\'\\\'\'} ;;
                        \"*) name=$(sed 's/[\\"$`]/\\&/g' <<<"$name") ;;
                        *) printf -v name %q "$name" ;;
                    esac
                    COMPREPLY+=("$name")
                done < <("${COMP_WORDS[0]}" completions devices 2>/dev/null)
            }
            complete -F _ringctl ringctl
            """#
    }

    private static func bash(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ""
        case .file: "_ringctl_files"
        case .folder: "_ringctl_folders"
        case .device: "_ringctl_devices"
        case .words(let words): "_ringctl_offer \(words.joined(separator: " "))"
        }
    }

    // MARK: zsh

    static func zsh(_ model: CompletionModel) -> String {
        #"""
        #compdef ringctl
        # zsh completion for ringctl: a file _ringctl in $fpath, or: source <(ringctl completions zsh)
        _ringctl() {
            local chosen='' flag='' word
            local -a offers
            integer i
            for ((i = 2; i < CURRENT; i++)); do
                word=${(Q)words[i]}
                if [[ -n $flag ]]; then flag=''; continue; fi
                case $word in
                    (\#(model.valued.joined(separator: "|"))) flag=$word ;;
                    (-*) ;;
                    (*) case ${chosen:+$chosen }$word in
                        (\#(Self.alternatives(model.paths))) chosen=${chosen:+$chosen }$word ;;
                    esac ;;
                esac
            done
            if [[ -n $flag ]]; then
                case "$chosen $flag" in
        \#(Self.lines(model.values) { "            (\(Self.patterns($0.flags))) \(Self.zsh($0.completion)) ;;" })
                esac
                return
            fi
            if [[ $PREFIX == -* ]]; then
                offers=(\#(Self.described(model.commonFlags)))
                case $chosen in
        \#(Self.lines(model.ownFlags) {
            "            (\($0.path.shellQuoted)) offers+=(\(Self.described($0.flags))) ;;"
        })
                esac
                _describe flag offers
                return
            fi
            case $chosen in
        \#(Self.lines(model.next) { path, words in
            let offers = words.map { "\($0.word):\($0.summary)".shellQuoted }.joined(separator: " ")
            return "        (\(path.shellQuoted)) offers=(\(offers)); _describe command offers ;;"
        })
        \#(Self.lines(model.arguments) { "        (\($0.path.shellQuoted)) \(Self.zsh($0.completion)) ;;" })
            esac
        }
        _ringctl_devices() {
            local -a names
            names=("${(@f)$("${(Q)words[1]}" completions devices 2>/dev/null)}")
            [[ -n $names ]] && compadd -a names
        }
        if [[ ${funcstack[1]} == _ringctl ]]; then _ringctl "$@"; else compdef _ringctl ringctl; fi
        """#
    }

    private static func zsh(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ""
        case .file: "_files"
        case .folder: "_files -/"
        case .device: "_ringctl_devices"
        case .words(let words): "compadd \(words.joined(separator: " "))"
        }
    }

    /// A colon of a flag or summary would end the word that it describes.
    private static func described(_ flags: [Flag]) -> String {
        flags.map { "\($0.name):\($0.help.replacing(":", with: "\\:"))".shellQuoted }.joined(separator: " ")
    }

    // MARK: fish

    static func fish(_ model: CompletionModel) -> String {
        #"""
        # fish completion for ringctl: ringctl completions fish > ~/.config/fish/completions/ringctl.fish
        function __ringctl_complete
            set -l chosen ''
            set -l flag ''
            set -l before (commandline -opc)
            set -l cur (commandline -ct)
            for word in $before[2..-1]
                if test -n "$flag"
                    set flag ''
                    continue
                end
                switch $word
                    case \#(model.valued.joined(separator: " "))
                        set flag $word
                    case '-*'
                    case '*'
                        switch (string trim -- "$chosen $word")
                            case \#(model.paths.map(\.shellQuoted).joined(separator: " "))
                                set chosen (string trim -- "$chosen $word")
                        end
                end
            end
            if test -n "$flag"
                switch "$chosen $flag"
        \#(Self.lines(model.values) {
            "            case \($0.flags.map(\.shellQuoted).joined(separator: " "))\n"
                + "                \(Self.fish($0.completion))"
        })
                end
                return
            end
            if string match -q -- '-*' "$cur"
                \#(Self.offers(model.commonFlags))
                switch "$chosen"
        \#(Self.lines(model.ownFlags) {
            "            case \($0.path.shellQuoted)\n                \(Self.offers($0.flags))"
        })
                end
                return
            end
            switch "$chosen"
        \#(Self.lines(model.next) { path, words in
            let offers = words.map { "\($0.word)\t\($0.summary)".shellQuoted }.joined(separator: " ")
            return "        case \(path.shellQuoted)\n            printf '%s\\n' \(offers)"
        })
        \#(Self.lines(model.arguments) {
            "        case \($0.path.shellQuoted)\n            \(Self.fish($0.completion))"
        })
            end
        end
        complete -c ringctl -f -a '(__ringctl_complete)'
        """#
    }

    private static func fish(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ""
        case .file: "__fish_complete_path \"$cur\""
        case .folder: "__fish_complete_directories \"$cur\""
        case .device: "$before[1] completions devices 2>/dev/null"
        case .words(let words): "printf '%s\\n' \(words.joined(separator: " "))"
        }
    }

    private static func offers(_ flags: [Flag]) -> String {
        "printf '%s\\n' " + flags.map { "\($0.name)\t\($0.help)".shellQuoted }.joined(separator: " ")
    }

    // MARK: All of them

    private static func lines<Item>(_ items: [Item], _ line: (Item) -> String) -> String {
        items.map(line).joined(separator: "\n")
    }

    private static func names(_ flags: [Flag]) -> String { flags.map(\.name).joined(separator: " ") }

    private static func alternatives(_ words: [String]) -> String {
        words.map(\.shellQuoted).joined(separator: "|")
    }

    /// A star stands for any command.
    private static func patterns(_ flags: [String]) -> String {
        flags.map { $0.hasPrefix("* ") ? "*" + $0.dropFirst().description.shellQuoted : $0.shellQuoted }
            .joined(separator: "|")
    }
}
