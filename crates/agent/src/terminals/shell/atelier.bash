# Shell integration of Atelier for bash: marks where prompts and commands begin and end, and says which
# command runs and where. Given to bash as its --init-file; first it does what bash would have done.

if [[ -n ${ATELIER_SHELL_LOGIN-} ]]; then
  unset ATELIER_SHELL_LOGIN
  # What a login shell is known by, and how it is left.
  BASH_ARGV0=-bash
  logout() {
    exit "$@"
  }
  [[ -r /etc/profile ]] && . /etc/profile
  for __atelier_file in ~/.bash_profile ~/.bash_login ~/.profile; do
    if [[ -r $__atelier_file ]]; then
      . "$__atelier_file"
      break
    fi
  done
  unset __atelier_file
elif [[ -r ~/.bashrc ]]; then
  . ~/.bashrc
fi

__atelier_nonce=${ATELIER_SHELL_NONCE-}
unset ATELIER_SHELL_NONCE

# PS0, which is shown before a command, came with bash 4.4.
if [[ -n $__atelier_nonce && $- == *i* ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then

  # The newest entry of the history, with its number.
  __atelier_newest() {
    HISTTIMEFORMAT='' builtin history 1
  }

  # A command line in the form that a mark holds: no control character, no semicolon.
  __atelier_escape() {
    local LC_ALL=C text=$1 code character
    text=${text//\\/\\\\}
    text=${text//;/\\x3b}
    text=${text//$'\n'/\\x0a}
    if [[ $text == *[[:cntrl:]]* ]]; then
      for ((code = 1; code < 32; code++)); do
        printf -v character '\\x%02x' "$code"
        printf -v code_character "$character"
        text=${text//"$code_character"/\\"${character#\\}"}
      done
      text=${text//$'\x7f'/\\x7f}
      unset code_character
    fi
    builtin printf '%s' "$text"
  }

  # Before a command: its line, unless it is one that the history does not keep.
  __atelier_before() {
    local newest
    newest=$(__atelier_newest)
    if [[ $newest != "$__atelier_seen" ]]; then
      [[ $newest =~ ^[[:space:]]*[0-9]+[*]?[[:space:]]+ ]]
      builtin printf '\e]633;E;%s;%s\a' "$(__atelier_escape "${newest:${#BASH_REMATCH[0]}}")" "$__atelier_nonce"
    fi
    builtin printf '\e]133;C\a'
  }

  # A line that was repeated is not kept again, and one that begins with a space not at all. What bash is
  # about to run tells them apart.
  __atelier_debug() {
    [[ -n $__atelier_armed ]] || return 0
    [[ $BASH_COMMAND == __atelier_* ]] && return 0
    __atelier_armed=
    local newest
    newest=$(__atelier_newest)
    [[ $newest == "$__atelier_seen" ]] || return 0
    [[ $newest =~ ^[[:space:]]*[0-9]+[*]?[[:space:]]+ ]] || return 0
    newest=${newest:${#BASH_REMATCH[0]}}
    if [[ $newest == "$BASH_COMMAND"* ]]; then
      builtin printf '\e]633;E;%s;%s\a' "$(__atelier_escape "$newest")" "$__atelier_nonce" >/dev/tty
    fi
  }

  # After a command, before anything else that runs at the prompt.
  __atelier_after() {
    local status=$?
    __atelier_armed=
    builtin printf '\e]133;D;%s\a' "$status"
    return "$status"
  }

  # Last before the prompt: others may have made a new one.
  __atelier_prompt() {
    local status=$? LC_ALL=C path=$PWD
    path=${path//%/%25}
    path=${path//[[:cntrl:]]/?}
    builtin printf '\e]7;file://%s%s\a' "${HOSTNAME-}" "$path"
    if [[ $PS1 != *'133;A'* ]]; then
      PS1='\[\e]133;A\a\]'$PS1'\[\e]133;B\a\]'
    fi
    if [[ ${PS0-} != *__atelier_before* ]]; then
      PS0=${PS0-}'$(__atelier_before)'
    fi
    __atelier_seen=$(__atelier_newest)
    __atelier_armed=1
    return "$status"
  }

  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    PROMPT_COMMAND=(__atelier_after "${PROMPT_COMMAND[@]}" __atelier_prompt)
  else
    PROMPT_COMMAND="__atelier_after${PROMPT_COMMAND:+; $PROMPT_COMMAND}; __atelier_prompt"
  fi
  # Somebody else's trap stays theirs.
  if [[ -z $(trap -p DEBUG) ]]; then
    trap '__atelier_debug' DEBUG
  fi
fi
