# shellcheck shell=sh disable=SC2034,SC2154 # variables of the two scripts that read this
# tramp-c/install and tramp-c/nested/install read this file. Nothing runs it by itself. It has what both do: they read options and
# put files into their places.

# Everybody can read the installed files, whatever the user's umask is.
umask 022

prefix=/usr/local destdir='' libdir='' includedir='' mandir='' target='' libtramp='' strip='' uninstall=''
for argument; do
    case $argument in
        --prefix=* | --destdir=* | --libdir=* | --includedir=* | --mandir=* | --target=* | --libtramp=*)
            value=${argument#*=} name=${argument%%=*}
            eval "${name#--}=\$value"
            ;;
        --strip) strip=yes ;;
        --uninstall) uninstall=yes ;;
        *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
: "${libdir:=$prefix/lib}" "${includedir:=$prefix/include}" "${mandir:=$prefix/share/man}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$package/../Cargo.toml" | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# stage FILE FOLDER NAME puts a file into its place, or removes it from there. No file is executable,
# because distributions want libraries so.
stage() {
    if [ -n "$uninstall" ]; then
        rm -f "$destdir$2/$3"
    else
        mkdir -p "$destdir$2"
        rm -f "$destdir$2/$3"
        cp "$1" "$destdir$2/$3"
        chmod 644 "$destdir$2/$3"
    fi
}

# stage_link TARGET FOLDER NAME does the same with a symbolic link.
stage_link() {
    if [ -n "$uninstall" ]; then rm -f "$destdir$2/$3"; else ln -sf "$1" "$destdir$2/$3"; fi
}

# stage_libraries NAME puts the libraries into their places. Packagers put symbols into packages of their own, so the libraries
# keep their symbols without --strip. The linker does not strip them, because no later option can undo its `-s`.
stage_libraries() {
    if [ -n "$strip" ] && [ -z "$uninstall" ]; then
        ${STRIP:-strip} "$work/$1.so"
        ${STRIP:-strip} --strip-debug "$work/$1.a"
    fi
    stage "$work/$1.so" "$libdir" "$1.so.$version"
    stage_link "$1.so.$version" "$libdir" "$1.so.0"
    stage_link "$1.so.0" "$libdir" "$1.so"
    stage "$work/$1.a" "$libdir" "$1.a"
}

# stage_description NAME fills in a file for pkg-config.
stage_description() {
    sed -e "s|@prefix@|$prefix|; s|@libdir@|$libdir|; s|@includedir@|$includedir|; s|@version@|$version|" \
        -e "s|@libs_private@|${libraries-}|" "$2" >"$work/$1.pc"
    stage "$work/$1.pc" "$libdir/pkgconfig" "$1.pc"
}

# stage_manual PAGE FUNCTION... puts the page into its place, and one for each function that leads to it.
stage_manual() {
    page=$(basename "$1")
    stage "$1" "$mandir/man3" "$page"
    shift
    for function; do
        echo ".so man3/$page" >"$work/$function.3"
        stage "$work/$function.3" "$mandir/man3" "$function.3"
    done
}

# The functions that a version script exports.
exported() { sed -n 's/^        \([A-Za-z_]*\);/\1/p' "$1"; }

finish() {
    if [ -n "$uninstall" ]; then
        echo "$1 $version is no longer in $destdir$prefix"
    else
        echo "$1 $version is in $destdir$prefix"
        [ -n "$destdir" ] || echo "If $libdir is a folder of the system's loader, run ldconfig."
    fi
}
