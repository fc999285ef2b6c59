# shellcheck shell=sh disable=SC1007 # "a= b=" empties both
# Functions that ./run and ./check share: finding Python, filling .venv, installing system packages.
# POSIX sh, sourced from the root of the checkout; it must work where nothing is installed yet.

# What a shell profile may have set for another Python must not reach ours.
unset PYTHONHOME PYTHONSAFEPATH PYTHONSTARTUP
# Without kept bytecode every start of a server compiles the application again, which doubles its time; the tests start
# some two hundred.
unset PYTHONDONTWRITEBYTECODE
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PIP_DEFAULT_TIMEOUT="${PIP_DEFAULT_TIMEOUT:-60}"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$@"
    exit 1
}

# --- Python -----------------------------------------------------------------------------------------------

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

version_of() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }

# Sets $python to the first interpreter that will do. A command that exists is not enough: version managers
# leave commands behind for versions that they cannot start, so each is run.
find_python() {
    python= without_venv= too_old=
    for candidate in ${CONVSCOPE_PYTHON:+"$CONVSCOPE_PYTHON"} \
        python3.13 python3.12 python3.11 python3.14 python3 python; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        if ! is_recent "$candidate"; then
            found=$(version_of "$candidate") && too_old="$too_old $candidate is $found."
        elif ! can_make_venv "$candidate"; then
            without_venv=${without_venv:-$candidate}
        else
            python=$candidate
            return 0
        fi
    done
    return 1
}

explain_no_python() {
    if [ -n "$without_venv" ]; then
        say "Convscope needs Python's venv module, and $without_venv ($(version_of "$without_venv")) comes without it."
        say "On Debian or Ubuntu: sudo apt install python3-venv"
    elif [ -n "$too_old" ]; then
        say "Convscope needs Python 3.11 or newer, and this is older:$too_old"
        say "Install a newer Python, or uv, which brings its own; or name one: CONVSCOPE_PYTHON=/path/to/python3 ./run"
    else
        say "Convscope needs Python 3.11 or newer, and no Python was found."
        say "On Debian or Ubuntu: sudo apt install python3 python3-venv"
    fi
}

has_uv() { [ -z "${without_uv:-}" ] && command -v uv >/dev/null 2>&1; }

# A .venv serves when its Python starts, is recent, and something can install into it.
venv_serves() {
    [ -x .venv/bin/python ] && is_recent .venv/bin/python || return 1
    has_uv || .venv/bin/python -m pip --version >/dev/null 2>&1
}

make_venv() {
    if has_uv && uv venv --quiet --clear ${CONVSCOPE_PYTHON:+--python "$CONVSCOPE_PYTHON"} .venv &&
        is_recent .venv/bin/python; then
        return 0
    fi
    if ! find_python && [ -n "${install_missing:-}" ]; then
        install_system_packages python3 python3-venv && find_python
    fi
    if [ -z "$python" ]; then
        explain_no_python
        return 1
    fi
    "$python" -m venv --clear .venv
}

# install_pins FILE...: installs exactly what the files pin. uv trusts certificates of its own, where pip
# trusts the system's, so behind a company's proxy uv is asked a second time; then pip has its turn.
install_pins() {
    files=
    for file in "$@"; do files="$files -r $file"; done
    quiet=--quiet
    [ ! -t 2 ] || quiet=
    # shellcheck disable=SC2086 # $files and $quiet are words on purpose
    if has_uv; then
        uv pip install $quiet --python .venv/bin/python $files && return 0
        say "Once more, with the certificates of the system …"
        UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true \
            uv pip install $quiet --python .venv/bin/python $files && return 0
        say "And with pip …"
        without_uv=yes
        venv_serves || make_venv || return 1
    fi
    # shellcheck disable=SC2086
    .venv/bin/python -m pip install $quiet $files
}

# set_up_python runtime|dev: fills .venv, and does nothing when it already holds what is pinned. The stamp
# lies inside .venv, so that it goes when .venv goes.
set_up_python() {
    kind=$1
    pins=constraints.txt
    [ "$kind" = runtime ] || pins="constraints.txt constraints-dev.txt"
    # shellcheck disable=SC2086
    wanted=$(cat pyproject.toml $pins | cksum)
    stamp=.venv/.convscope-$kind
    if ! venv_serves; then
        say "Making .venv …"
        make_venv || die "The environment in .venv could not be made."
    fi
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return 0
    fi
    say "Installing what $pins names (once; again only when it changes) …"
    # shellcheck disable=SC2086
    install_pins $pins || die "The packages could not be installed. Is the network there? What failed is above."
    printf '%s\n' "$wanted" >"$stamp"
    if [ "$kind" = dev ]; then
        cat pyproject.toml constraints.txt | cksum >.venv/.convscope-runtime
    fi
}

# set_up_extra NAME: what an extra of pyproject.toml needs, at the versions that are pinned.
set_up_extra() {
    case $1 in
    onnx | redis) package=$1 ;;
    s3) package=obstore ;;
    *) die "--with takes onnx, redis or s3, and this is '$1'." ;;
    esac
    if .venv/bin/python -c "import $package" >/dev/null 2>&1; then
        return 0
    fi
    say "Installing $package (once) …"
    if has_uv && uv pip install --quiet --python .venv/bin/python \
        -c constraints.txt -c constraints-dev.txt "$package"; then
        return 0
    fi
    .venv/bin/python -m pip install --quiet -c constraints.txt -c constraints-dev.txt "$package" ||
        die "$package could not be installed. Is the network there? What failed is above."
}

# --- Other Pythons ----------------------------------------------------------------------------------------

minor_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# other_pythons: one interpreter a line, "3.12 /path/to/python", for each recent version that is not .venv's. Looks
# on the PATH and where pyenv and uv keep theirs; the first of a version counts.
other_pythons() {
    seen=" $(minor_of .venv/bin/python) "
    for candidate in python3.11 python3.12 python3.13 python3.14 python3.15 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python "$HOME"/.local/share/uv/python/*/bin/python3; do
        command -v "$candidate" >/dev/null 2>&1 && is_recent "$candidate" && can_make_venv "$candidate" || continue
        minor=$(minor_of "$candidate") || continue
        case "$seen" in *" $minor "*) continue ;; esac
        seen="$seen$minor "
        printf '%s %s\n' "$minor" "$(command -v "$candidate")"
    done
}

# set_up_other MINOR PYTHON: fills .venv-MINOR with what the tests of core and API need. Nothing is compiled: a version
# too new for a package's wheels is left out.
set_up_other() {
    folder=.venv-$1
    other_wanted=$(cat constraints.txt constraints-dev.txt | cksum)
    if [ -f "$folder/.convscope" ] && [ "$(cat "$folder/.convscope")" = "$other_wanted" ]; then
        return 0
    fi
    say "Making $folder …"
    "$2" -m venv --clear "$folder" || return 1
    "$folder/bin/python" -m pip install --quiet --no-compile --only-binary :all: \
        -r constraints.txt -c constraints-dev.txt httpx2 hypothesis pytest pytest-timeout || return 1
    printf '%s\n' "$other_wanted" >"$folder/.convscope"
}

# --- System packages --------------------------------------------------------------------------------------

is_ci() { [ "${CI:-}" = true ]; }

# Only root, or a machine that exists to run checks, gets packages installed without being asked.
may_install() { command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || is_ci; }; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# install_system_packages NAME...: with apt-get, where that is allowed. Asks for the lists once per run.
install_system_packages() {
    may_install || return 1
    say "Installing $* with apt-get …"
    if [ -z "${lists_are_fresh:-}" ]; then
        as_root apt-get update -qq >&2 || return 1
        lists_are_fresh=yes
    fi
    # At run level 1 nothing that is a server starts by itself.
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
