#!/bin/sh
# Makes this machine a server of an Atelier control plane.
#
#   curl -fsSL https://atelier.example/install.sh | sh -s -- --url https://atelier.example --token atj_…
#
# It downloads `atelier` from the control plane, verifies its checksum, puts it into /usr/local/bin,
# joins with the token, and installs and starts a systemd service. Run again, it updates the program.
#
#   --url URL        the control plane
#   --token TOKEN    the join token; leave it out to update a server that has joined
#   --user           for this user only: ~/.local/bin, ~/.local/share/atelier-node, a user service
#   --no-systemd     installs no service and says how to start the daemon
#   --data DIR       where the daemon keeps its key and its workspaces
#   --ca FILE        believe certificates of this authority (PEM) only
#   --pin SHA256     believe the certificate with this fingerprint only
#   --new-key        with a key of its own: this machine is a copy of another server
#   --allow-plaintext  permit http:// to another machine: everything can then be read on the way
#   --uninstall      stops the daemon and removes it, its service and its data, workspaces too
set -eu

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Everything stands in functions that the last line calls: a download that broke off does nothing.
main() {
    url='' token='' user=no systemd=yes data='' ca='' pin='' plaintext='' new_key='' uninstall=no
    while [ $# -gt 0 ]; do
        case $1 in
        --url | --token | --data | --ca | --pin)
            [ $# -ge 2 ] || fail "$1 needs a value"
            case $1 in
            --url) url=${2%/} ;;
            --token) token=$2 ;;
            --data) data=$2 ;;
            --ca) ca=$2 ;;
            --pin) pin=$2 ;;
            esac
            shift 2
            ;;
        --user) user=yes && shift ;;
        --no-systemd) systemd=no && shift ;;
        --new-key) new_key=yes && shift ;;
        --allow-plaintext) plaintext=yes && shift ;;
        --uninstall) uninstall=yes && shift ;;
        *) fail "unknown option $1 (the options stand at the top of this script)" ;;
        esac
    done

    [ "$(uname -s)" = Linux ] || fail "servers run Linux; this is $(uname -s)"
    if [ "$user" = yes ]; then
        : "${HOME:?is not set}"
        bin=$HOME/.local/bin
        unit=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user/atelier-node.service
        data=${data:-${XDG_DATA_HOME:-$HOME/.local/share}/atelier-node}
    else
        [ "$(id -u)" = 0 ] || fail "run it as root (… | sudo sh -s -- …), or with --user for this user only"
        bin=/usr/local/bin
        unit=/etc/systemd/system/atelier-node.service
        data=${data:-/var/lib/atelier-node}
    fi
    # A service starts elsewhere than in this folder.
    case $data in /*) ;; *) data=$PWD/$data ;; esac
    case $data in *[!A-Za-z0-9/._-]*) fail "--data: use only letters, digits and / . _ - in the path" ;; esac

    if [ "$uninstall" = yes ]; then uninstall; else install_node; fi
}

install_node() {
    [ -n "$url" ] || fail "--url is missing: the control plane's address"
    case $url in http://* | https://*) ;; *) fail "--url must begin with https:// (or http://)" ;; esac
    if [ "$systemd" = yes ] && ! have systemctl; then
        fail "there is no systemd here: run it again with --no-systemd"
    fi
    [ -n "$token" ] || [ -f "$data/node.json" ] || fail "--token is missing: make one on the servers page"

    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    trap 'exit 1' HUP INT TERM
    believed=$ca
    [ -z "$pin" ] || trust_pinned

    say "Downloading atelier from $url"
    fetch "$url/download/atelier?architecture=$(uname -m)" "$temporary/atelier"
    fetch "$url/download/atelier.sha256?architecture=$(uname -m)" "$temporary/atelier.sha256"
    expected=$(cut -d ' ' -f 1 "$temporary/atelier.sha256")
    actual=$(sha256 "$temporary/atelier")
    [ "$expected" = "$actual" ] ||
        fail "the download is not what the control plane serves (checksum $actual, expected $expected); nothing was installed"

    mkdir -p "$bin"
    chmod 755 "$temporary/atelier"
    # Beside the old one and then in its place: a daemon that runs keeps the program it started with.
    cp "$temporary/atelier" "$bin/.atelier.new"
    mv -f "$bin/.atelier.new" "$bin/atelier"
    say "Installed $bin/atelier"

    if [ -n "$token" ]; then
        set -- node join --url "$url" --data "$data"
        [ -z "$ca" ] || set -- "$@" --ca "$ca"
        [ -z "$pin" ] || set -- "$@" --pin "$pin"
        [ -z "$plaintext" ] || set -- "$@" --allow-plaintext
        [ -z "$new_key" ] || set -- "$@" --new-key
        # Not as an argument: those can be read by all users of the machine.
        ATELIER_JOIN_TOKEN=$token "$bin/atelier" "$@" || fail "the server could not join; the program stays in $bin/atelier"
    fi

    if [ "$systemd" = no ]; then
        say "Start the daemon with: $bin/atelier node run --data $data"
        return
    fi
    mkdir -p "$(dirname "$unit")"
    unit_text >"$unit"
    service daemon-reload
    service enable --quiet atelier-node.service
    service restart atelier-node.service
    # Else a user's services end when they sign out.
    [ "$user" = no ] || ! have loginctl || loginctl enable-linger || say "Ask root to run: loginctl enable-linger $(id -un)"
    say "The daemon runs. See it with: systemctl$([ "$user" = no ] || printf ' --user') status atelier-node"
}

uninstall() {
    if [ -f "$unit" ] && have systemctl; then
        service disable --quiet --now atelier-node.service || true
        # Workspaces outlive the daemon, and are to end here.
        service kill --signal=KILL atelier-node.service 2>/dev/null || true
        rm -f "$unit"
        service daemon-reload || true
    fi
    if [ -f "$data/node.json" ] || [ -f "$data/node.key" ]; then
        [ ! -x "$bin/atelier" ] || "$bin/atelier" node leave --yes --stop --data "$data" || true
        rm -rf "$data"
    elif [ -e "$data" ]; then
        say "$data is kept: it is no data folder of a daemon"
    fi
    rm -f "$bin/atelier"
    say "Atelier was removed from this server. Remove it on the servers page too."
}

service() {
    if [ "$user" = yes ]; then systemctl --user "$@"; else systemctl "$@"; fi
}

fetch() {
    if have curl; then
        from=$1 to=$2 && shift 2
        [ -z "$believed" ] || set -- --cacert "$believed"
        curl -fsSL --retry 3 --retry-delay 1 "$@" -o "$to" "$from" || fail "$from cannot be downloaded"
    elif have wget; then
        wget -q ${believed:+--ca-certificate="$believed"} -O "$2" "$1" || fail "$1 cannot be downloaded"
    else
        fail "neither curl nor wget is here: install one of them"
    fi
}

sha256() {
    if have sha256sum; then
        sha256sum "$1" | cut -d ' ' -f 1
    elif have openssl; then
        openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
    else
        fail "neither sha256sum nor openssl is here: install one of them"
    fi
}

# Takes the control plane's certificate if it is the pinned one, and believes it alone.
trust_pinned() {
    have openssl || fail "--pin needs openssl"
    host=${url#https://} && host=${host%%/*}
    case $host in *:*) ;; *) host=$host:443 ;; esac
    openssl s_client -connect "$host" -servername "${host%:*}" </dev/null 2>/dev/null |
        openssl x509 >"$temporary/pinned.pem" 2>/dev/null || fail "$host shows no certificate"
    found=$(openssl x509 -in "$temporary/pinned.pem" -noout -fingerprint -sha256 | cut -d = -f 2)
    [ "$(printf %s "$found" | tr -d : | tr A-F a-f)" = "$(printf %s "$pin" | tr -d : | tr A-F a-f)" ] ||
        fail "$host shows another certificate than the pinned one: $found"
    believed=$temporary/pinned.pem
}

# What the service starts inherits all of this: workspaces make namespaces and cgroups of their own, and
# terminals of the machine are to see the machine. So there is no ProtectSystem and the like.
unit_text() {
    cat <<UNIT
[Unit]
Description=Atelier node
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=$bin/atelier node run --data $data
Restart=always
RestartSec=2
# It was revoked: it comes back only by joining again.
RestartPreventExitStatus=77
# Workspaces and terminals outlive the daemon and are found again.
KillMode=process
Delegate=yes
UMask=0077
LimitCORE=0
LimitNOFILE=524288
OOMScoreAdjust=-500
SystemCallArchitectures=native
RestrictRealtime=yes
CapabilityBoundingSet=~CAP_SYS_BOOT CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_TIME CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_MAC_ADMIN CAP_MAC_OVERRIDE

[Install]
WantedBy=$([ "$user" = yes ] && printf default.target || printf multi-user.target)
UNIT
}

main "$@"
