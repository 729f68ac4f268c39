# Shell integration of Atelier for fish: marks where prompts and commands begin and end, and says which
# command runs and where. Read after the user's own configuration.

if status is-interactive; and set -q ATELIER_SHELL_NONCE
    set -g __atelier_nonce $ATELIER_SHELL_NONCE
    set -e ATELIER_SHELL_NONCE

    # A command line in the form that a mark holds: no control character, no semicolon.
    function __atelier_escape
        string join \n -- $argv \
            | string replace -a '\\' '\\\\' \
            | string replace -a ';' '\\x3b' \
            | string replace -a \t '\\x09' \
            | string replace -ar '[[:cntrl:]]' '?' \
            | string join '\\x0a'
    end

    function __atelier_before --on-event fish_preexec
        # A line that the history does not keep is nobody else's business either.
        if not string match -q ' *' -- "$argv[1]"
            printf '\e]633;E;%s;%s\a' (__atelier_escape (string split \n -- $argv[1])) $__atelier_nonce
        end
        printf '\e]133;C\a'
    end

    function __atelier_after --on-event fish_postexec
        printf '\e]133;D;%s\a' $status
    end

    function __atelier_directory --on-event fish_prompt
        printf '\e]7;file://%s%s\a' $hostname (string escape --style=url -- $PWD)
        printf '\e]133;A\a'
    end

    if functions -q fish_prompt
        functions -c fish_prompt __atelier_own_prompt
        function fish_prompt
            __atelier_own_prompt
            printf '\e]133;B\a'
        end
    end
end
