import type { Shell } from './shells.ts';

/**
 * The script that each shell runs on Tab. It calls `connsync complete SHELL -- WORDS…`, which prints a line
 * `nothing`, `files` or `folders` (what the shell should add) and then one candidate per line, in zsh and fish
 * followed by a tab and its description.
 *
 * Candidates are untrusted text: a key may contain spaces, quotes and `$(…)`. No script evaluates one. Bash gets each
 * one escaped by `printf %q`; zsh and fish quote what they insert. (`compgen -W` would expand its words, so it is not
 * used.)
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# connsync completion for bash
# in ~/.bashrc:  source <(connsync completion bash)

_connsync() {
  local current=\${COMP_WORDS[COMP_CWORD]} whole quote= line value kind=
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()

  # A colon parts words in bash, and a key may hold one: what touches it is one word again.
  local typed=\${COMP_LINE:0:COMP_POINT} index=$((\${#words[@]} - 1))
  whole=$current
  while ((index > 0)) && [[ \${words[index - 1]} == : || $whole == :* ]] &&
    [[ $typed == *"\${words[index - 1]}$whole" ]]; do
    whole=\${words[index - 1]}$whole
    ((index--))
  done
  words=("\${words[@]:0:index}" "$whole")
  [[ $current == = ]] && current=
  [[ $current == : ]] && current=

  # Behind an opening quote bash inserts the text as it is.
  [[ $current == [\\"\\']* ]] && quote=\${current:0:1}

  while IFS= read -r line; do
    if [[ -z $kind ]]; then
      kind=$line
      continue
    fi
    value=\${line#"\${whole%"$current"}"}
    case $quote in
      \\') [[ $line == *\\'* ]] || COMPREPLY+=("$line") ;;
      \\") [[ $line == *[\\"\\$\\\`\\\\!]* ]] || COMPREPLY+=("$line") ;;
      *) printf -v line %q "$value" && COMPREPLY+=("$line") ;;
    esac
  done < <(command connsync complete bash -- "\${words[@]}" 2>/dev/null)

  if [[ $kind == files || $kind == folders ]]; then
    local flag=-f
    [[ $kind == folders ]] && flag=-d
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$flag" -- "\${current#"$quote"}")
  fi
}

complete -F _connsync connsync
`,
  zsh: `#compdef connsync
# connsync completion for zsh
# in ~/.zshrc, behind compinit:  source <(connsync completion zsh)

_connsync() {
  local line kind
  local -a lines values shown words_before
  words_before=("\${(@Q)words[2,CURRENT-1]}")
  lines=("\${(@f)$(command connsync complete zsh -- "\${words_before[@]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  kind=\${lines[1]}
  for line in "\${(@)lines[2,-1]}"; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done
  (( \${#values} )) && compadd -l -d shown -a -- values
  if [[ $kind == files || $kind == folders ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    if [[ $kind == folders ]]; then _files -/; else _files; fi
  fi
}

# Sourced, it registers itself; as a file in $fpath zsh calls it.
if [[ \${funcstack[1]-} == _connsync ]]; then _connsync "$@"; else compdef _connsync connsync; fi
`,
  fish: `# connsync completion for fish
# connsync completion fish > ~/.config/fish/completions/connsync.fish

function __connsync_complete
    set -l words (commandline -opc)
    # The word at the cursor is as it was typed, perhaps with a quote still open.
    set -l current (commandline -ct | string replace -ra '\\\\\\\\(.)|["\\']' '$1')
    set -l lines (command connsync complete fish -- $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current")
        case folders
            __fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$current")
    end
    for line in $lines[2..-1]
        printf '%s\\n' "$line"
    end
end

complete -c connsync -e
complete -c connsync -f -a '(__connsync_complete)'
`,
};

/** Returns a typed word without its shell quoting, without expanding anything. */
export function unquoted(word: string): string {
  let plain = '';
  let quote = '';
  for (let index = 0; index < word.length; index += 1) {
    const char = word.charAt(index);
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else if (char === '\\' && quote !== "'") {
      index += 1;
      plain += word.charAt(index);
    } else plain += char;
  }
  return plain;
}
