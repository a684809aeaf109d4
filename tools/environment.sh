#!/bin/sh
# Make .venv, or repair it, so that it holds exactly what requirements.txt asks for.
# A fingerprint of the requirement files is stored last: an interrupted or outdated
# environment has none that matches, and is brought up to date.
set -u
cd "$(dirname "$0")/.." || exit 1

venv=.venv
stamp=$venv/.requirements
need_mb=3000

fail() {
    echo "make: $1" >&2
    exit 1
}

fingerprint() {
    cat requirements.txt constraints.txt pyproject.toml | cksum
    pwd
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    [ -n "${PYTHON:-}" ] && fail "PYTHON=$PYTHON is not Python 3.11 or later; name one that is."
    fail "Python 3.11 or later was not found; install it, or name it: make book PYTHON=/path/to/python3"
}

check_room() {
    free_mb=$(df -Pk . | awk 'NR == 2 {print int($4 / 1024)}')
    [ "$free_mb" -ge "$need_mb" ] ||
        fail "only $free_mb MB of disk are free here and the environment needs $need_mb MB; free some space."
}

create() {
    python=$(find_python) || exit 1
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python has no venv module; on Debian or Ubuntu run: sudo apt-get install python3-venv"
    echo "Making $venv with $("$python" --version) ..."
    "$python" -m venv --clear "$venv" || fail "could not write $venv; check the disk and permissions."
}

install() {
    pip="$venv/bin/python -m pip --disable-pip-version-check"
    echo "Installing the pinned packages (the first time takes some minutes) ..."
    # torch first and alone: on some indexes a joint resolution would choose another build of it.
    $pip install -qq -c constraints.txt "$(grep '^torch==' requirements.txt)" &&
        $pip install -qq -c constraints.txt -r requirements.txt
}

works() {
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 && is_recent "$venv/bin/python"
}

imports() {
    "$venv/bin/python" -c 'import descent, jupyter_book, numpy, playwright, py_mini_racer, torch' 2>/dev/null
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && works; then
    exit 0
fi
check_room
if works; then echo "Bringing $venv up to date ..."; else create; fi
rm -f "$stamp"
if ! install || ! imports; then
    echo "The environment is damaged or outdated: making it anew."
    create
    install || fail "a package could not be installed; see pip's message above (is the network reachable?), then try again."
    imports || fail "the packages were installed but do not import; run .venv/bin/python -c 'import descent' to see why."
fi
fingerprint >"$stamp"
