#!/bin/sh
# Print a Python 3.11 or 3.12 that works and can make virtual environments; else say in one line what is missing.
# PYTHON=… in the environment is the only candidate when it is set.

works() {
    [ "$("$1" -c 'import sys; print(sys.version_info[:2] in ((3, 11), (3, 12)))' 2>/dev/null)" = True ]
}

without_venv=
try() {
    works "$1" || return 1
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$1"
        exit 0
    fi
    without_venv=$1
}

if [ -n "$PYTHON" ]; then
    try "$PYTHON"
else
    # Every folder of PATH, because a version manager's shim may stand before the interpreter and fail.
    IFS=:
    for name in python3.12 python3.11 python3 python; do
        for folder in $PATH; do
            [ -x "$folder/$name" ] && try "$folder/$name"
        done
    done
fi

if [ -n "$without_venv" ]; then
    echo "setup: $without_venv has no venv module; install it (Debian and Ubuntu: apt install python3-venv) or choose another with PYTHON=…" >&2
elif [ -n "$PYTHON" ]; then
    echo "setup: PYTHON=$PYTHON is not a working Python 3.11 or 3.12, which pjsua2-python has wheels for" >&2
else
    echo "setup: no working Python 3.11 or 3.12 on PATH (PJSIP, the package pjsua2-python, has no wheels for 3.13 and others); install one, such as uv python install 3.12 or pyenv install 3.12, and name it: make setup PYTHON=…" >&2
fi
exit 1
