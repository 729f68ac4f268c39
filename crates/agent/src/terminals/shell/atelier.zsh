# Shell integration of Atelier for zsh. ZDOTDIR led zsh here; from here on it is what it was, so that zsh
# reads all other files of the user by itself.

if [[ -n ${ATELIER_ZDOTDIR-} ]]; then
  export ZDOTDIR=$ATELIER_ZDOTDIR
else
  unset ZDOTDIR
fi
unset ATELIER_ZDOTDIR
__atelier_nonce=${ATELIER_SHELL_NONCE-}
unset ATELIER_SHELL_NONCE

if [[ -o interactive && -n $__atelier_nonce ]]; then
  # A command line in the form that a mark holds: no control character, no semicolon.
  __atelier_escape() {
    emulate -L zsh -o no_multibyte
    local text=$1 out='' character i
    for ((i = 1; i <= $#text; i++)); do
      character=$text[i]
      case $character in
        '\') out+='\\' ;;
        ';') out+='\x3b' ;;
        [[:cntrl:]]) printf -v character '\\x%02x' "'$character"; out+=$character ;;
        *) out+=$character ;;
      esac
    done
    REPLY=$out
  }

  __atelier_before() {
    local REPLY
    # A line that the history does not keep is nobody else's business either.
    if ! [[ -o histignorespace && $1 == ' '* ]]; then
      __atelier_escape "$1"
      print -rn -- $'\e]633;E;'"$REPLY;$__atelier_nonce"$'\a'
    fi
    print -rn -- $'\e]133;C\a'
  }

  __atelier_after() {
    local result=$?
    print -rn -- $'\e]133;D;'"$result"$'\a'
    return $result
  }

  # Last before the prompt: others may have made a new one.
  __atelier_prompt() {
    emulate -L zsh
    local place=${PWD//\%/%25}
    print -rn -- $'\e]7;file://'"$HOST${place//[[:cntrl:]]/?}"$'\a'
    if [[ $PS1 != *'133;A'* ]]; then
      PS1=$'%{\e]133;A\a%}'"$PS1"$'%{\e]133;B\a%}'
    fi
  }

  # At the first prompt, when all of the user's files have been read.
  __atelier_install() {
    local result=$?
    precmd_functions=(${precmd_functions:#__atelier_install})
    precmd_functions=(__atelier_after $precmd_functions __atelier_prompt)
    preexec_functions=(__atelier_before $preexec_functions)
    unfunction __atelier_install
    __atelier_prompt
    return $result
  }
  typeset -ga precmd_functions preexec_functions
  precmd_functions+=(__atelier_install)
fi

if [[ -r ${ZDOTDIR:-$HOME}/.zshenv ]]; then
  . "${ZDOTDIR:-$HOME}/.zshenv"
fi
