# zenrepo git hook, the common part: runs the hook that stood here before, with its own arguments, input and exit code,
# and then zenrepo, which never fails. Uses nothing that is looked up on PATH, because git may be started without one.
zenrepo_python=@python@
zenrepo_home=@home@
zenrepo_start=@start@

zenrepo_before="${0%/*}/$zenrepo_hook.zenrepo-chained"
zenrepo_input=${zenrepo_input:-}
zenrepo_more=${zenrepo_more:-}
zenrepo_code=0

# The second line of a script, where tools that generate hooks say that they did.
zenrepo_signature() {
    { read -r zenrepo_line && IFS= read -r zenrepo_line; } 2>/dev/null <"$1" || zenrepo_line=
    case $zenrepo_line in *generated*) ;; *) zenrepo_line= ;; esac
}

# Another tool moved this hook aside and calls it from its own: is the hook before this one an older one of that tool's?
zenrepo_before_is_running() {
    [ "${0##*/}" != "$zenrepo_hook" ] || return 1
    zenrepo_signature "$zenrepo_before"
    [ -n "$zenrepo_line" ] || return 1
    zenrepo_mine=$zenrepo_line
    zenrepo_signature "${0%/*}/$zenrepo_hook"
    [ "$zenrepo_line" = "$zenrepo_mine" ]
}

# A shell script that asks its own name is read in under that name; everything else runs as the file that it is.
zenrepo_run_before() {
    if [ "$zenrepo_chain" = read ]; then
        IFS= read -r zenrepo_shell <"$zenrepo_before" || :
        ${zenrepo_shell#??} -c '. "$0.zenrepo-chained"' "${0%/*}/$zenrepo_hook" "$@"
    else
        "$zenrepo_before" "$@"
    fi
}

if [ -x "$zenrepo_before" ] && [ -z "${ZENREPO_HOOK_PROOF:-}" ] && ! zenrepo_before_is_running; then
    case $zenrepo_hook in
    post-rewrite | post-receive | reference-transaction) # both read the list of commits or refs
        zenrepo_input=$(command -p cat && echo .)
        zenrepo_input=${zenrepo_input%.}
        printf %s "$zenrepo_input" 2>/dev/null | zenrepo_run_before "$@" || zenrepo_code=$?
        ;;
    *)
        zenrepo_run_before "$@" || zenrepo_code=$?
        ;;
    esac
fi

if [ "$zenrepo_hook" = reference-transaction ] && [ -z "${ZENREPO_HOOK_PROOF:-}" ]; then
    case "${1:-} $zenrepo_input" in "committed "*" refs/tags/"*) ;; *) exit "$zenrepo_code" ;; esac
fi

if [ "${ZENREPO_SKIP:-}" = 1 ]; then
    :
elif [ ! -x "$zenrepo_python" ] || [ ! -f "$zenrepo_home/zenrepo/__init__.py" ]; then
    echo "zenrepo: skipped, because '$zenrepo_python' is gone (hint: run 'zenrepo hooks install' again)" >&2
elif [ -n "$zenrepo_input" ]; then
    { printf %s "$zenrepo_input" && [ -z "$zenrepo_more" ] || command -p cat; } 2>/dev/null |
        "$zenrepo_python" -I -S -c "$zenrepo_start" "$zenrepo_hook" "$@" || :
else
    "$zenrepo_python" -I -S -c "$zenrepo_start" "$zenrepo_hook" "$@" || :
fi
exit "$zenrepo_code"
