# Looks at, or replaces, one file. Read from standard input after the assignments of its parameters and followed by the
# data; runs in any POSIX shell with the usual tools. Answers in lines of words, "state" above all; a file's content is the last.
#
# op       hello, look, commit, release or tidy
# account  whose file it is, where that is not the user that runs this
# file     path; commit, release and tidy take the real one
# hash     what computes checksums, as hello found out
# editor   name and life of the editor; nonce: 16 hexadecimal digits of this edit
# lease    seconds after which a lock is its owner's no more; patience: seconds to wait for one
# expect   checksum of the content to be replaced, or "missing"; was: its mode, owner and group
# want     checksum of the new content; size: its bytes; mode: its mode; owner: uid:gid, or empty for whoever runs this
# held     "yes" when an earlier commit of this edit has left the lock to this one
# clear    "yes" to look for what a life that ended early has left
LC_ALL=C
export LC_ALL
umask 077
set -f
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin:/usr/bin:/bin

say() {
    printf '%s\n' "$*"
}

stop() {
    say "state $*"
    exit 0
}

# Prints the checksum of standard input.
sum() {
    case $hash in
        sha256sum) set -- $(sha256sum) ;;
        shasum) set -- $(shasum -a 256) ;;
        sha256) set -- $(sha256 -q) ;;
        openssl) set -- $(openssl dgst -sha256 -r) ;;
        *)
            set -- $(cksum)
            set -- "$1-$2"
            ;;
    esac
    printf '%s' "$1"
}

# Prints when a file was last written, in seconds, or nothing where no tool tells.
born() {
    for each in "$(stat -c %Y "$1" 2>/dev/null)" "$(stat -f %m "$1" 2>/dev/null)" "$(date -r "$1" +%s 2>/dev/null)"; do
        case $each in
            '' | *[!0-9]*) ;;
            *)
                printf '%s' "$each"
                return
                ;;
        esac
    done
}

# Tells whether more seconds than $2 have gone since the time $1, by this machine's clock.
older() {
    case $1 in
        '' | *[!0-9]*) return 1 ;;
    esac
    [ $(($(date +%s) - $1)) -gt "$2" ]
}

# Prints mode, owner and group of a file.
attributes() {
    set -- $(ls -ldn "$1" 2>/dev/null)
    printf '%s' "$1 $3 $4"
}

kind() {
    if [ -h "$1" ]; then
        printf symlink
    elif [ -f "$1" ]; then
        printf regular
    elif [ -d "$1" ]; then
        printf directory
    elif [ -e "$1" ]; then
        printf other
    else
        printf missing
    fi
}

# Says what a file is, and its content as the last thing.
show() {
    say "kind $(kind "$1")"
    if [ "$(kind "$1")" != missing ]; then
        say "file $(attributes "$1")"
    fi
    if [ "$(kind "$1")" = regular ]; then
        [ -r "$1" ] || stop unreadable
        say content
        cat "$1" || exit 1
    fi
}

# --- hello ---

hello() {
    for hash in sha256sum shasum sha256 openssl cksum; do
        if command -v "$hash" >/dev/null 2>&1; then
            case $(sum </dev/null 2>/dev/null) in
                e3b0c44298fc* | 4294967295-0) break ;;
            esac
        fi
        hash=none
    done
    me=${account:-$(id -un)}
    home=
    case $me in
        '' | *[!A-Za-z0-9._-]*) ;;
        *) eval "home=~$me" ;;
    esac
    case $home in
        /*) ;;
        *)
            [ -z "$account" ] || stop no-account
            home=$HOME
            ;;
    esac
    say "hash $hash"
    say "uid $(id -u)"
    say "account $(id -u $account) $(id -g $account)"
    say "home $(cd -P "$home" && pwd -P)"
    if [ -e /etc/openwrt_release ]; then
        say "openwrt yes"
    fi
    stop ready
}

# --- look ---

# Follows symbolic links; what is missing at the end of the path may be made later.
resolve() {
    path=$1
    turns=0
    while [ -h "$path" ]; do
        turns=$((turns + 1))
        [ "$turns" -le 40 ] || stop dangling
        link=$(ls -ld "$path") || stop unreadable
        link=${link#*"$path -> "}
        case $link in
            /*) path=$link ;;
            *) path=${path%/*}/$link ;;
        esac
        [ -h "$path" ] || [ -e "$path" ] || stop dangling
    done
    dir=${path%/*}
    rest=
    while [ -n "$dir" ] && [ "$(kind "$dir")" = missing ]; do
        rest=/${dir##*/}$rest
        dir=${dir%/*}
    done
    # shellcheck disable=SC2164
    dir=$(cd -P "${dir:-/}" 2>/dev/null && pwd -P) || stop unreadable
    [ "$dir" != / ] || dir=
    real=$dir$rest/${path##*/}
}

look() {
    resolve "$file"
    say "real $real"
    place=$real
    while :; do
        if [ -e "$place" ]; then
            say "place $(attributes "$place") $place"
        fi
        if [ "$place" = "$home" ] || [ "$place" = / ]; then
            break
        fi
        place=${place%/*}
        place=${place:-/}
    done
    say "state seen"
    show "$real"
}

# --- lock ---

# Prints who holds the lock: a directory with a file when a shell took it, a file when it was SFTP.
holder() {
    cat "$1/owner" 2>/dev/null || cat "$1" 2>/dev/null
}

# Removes the lock of a writer that is gone, and tells whether taking it is worth another try at once.
broken() {
    judged=$(holder "$lock")
    since=$(born "$lock")
    set -- $judged
    dead=no
    if [ "$2" = "${editor% *}" ]; then
        case $3 in
            '' | *[!0-9]*) ;;
            *) [ "$3" -ge "${editor#* }" ] || dead=yes ;;
        esac
    fi
    ! older "${5:-$since}" "$lease" || dead=yes
    [ "$dead" = yes ] || return 1
    grave=$lock-broken-$nonce
    mv "$lock" "$grave" 2>/dev/null || return 1 # perhaps it never can be: not without a pause
    if [ "$(holder "$grave")" = "$judged" ] && [ "$(born "$grave")" = "$since" ]; then
        broke=yes
    elif [ -d "$grave" ]; then
        # Somebody took the lock since we looked: it goes back, unless a third has it by now.
        if mkdir "$lock" 2>/dev/null; then
            mv "$grave/owner" "$lock/owner"
        fi
    elif [ -f "$grave" ]; then
        (
            set -C
            cat "$grave" >"$lock"
        ) 2>/dev/null
    fi
    bury "$grave"
}

bury() {
    if [ -d "$1" ]; then
        rm -f "$1/owner"
        rmdir "$1"
    else
        rm -f "$1"
    fi
}

take() {
    if [ "$held" = yes ]; then
        case $(holder "$lock") in
            "$mine "*) locked=yes ;;
            *) stop lost ;;
        esac
        return
    fi
    began=$(date +%s)
    vanished=0
    until mkdir "$lock" 2>/dev/null; do
        if [ -e "$lock" ] || [ -h "$lock" ]; then
            broken && continue
            ! older "$began" "$patience" || stop locked
            sleep 0.05 2>/dev/null || sleep 1
        else
            vanished=$((vanished + 1))
            [ "$vanished" -le 20 ] || stop not-writable
        fi
    done
    locked=yes
    say "$mine $(date +%s)" >"$lock/owner" || stop not-writable
}

unlock() {
    case $(holder "$lock") in
        "$mine "*) bury "$lock" ;;
    esac
}

leave() {
    rm -f "$new"
    if [ "$locked" = yes ]; then
        unlock
    fi
}

# What writers that died have left. A file that waits for its lock is nobody's only when it is old.
sweep() {
    set +f
    for each in ./.keywright-* ./*.keywright-lock-broken-* ./*.keywright-lock-clock-*; do
        case ${each##*-} in
            ????????????????) ;;
            *) continue ;;
        esac
        case $each in
            ./.keywright-wait-*)
                at=$(born "$each")
                older "$at" 3600 || continue
                ;;
        esac
        case ${each##*-} in
            *[!0-9a-f]*) ;;
            *) bury "$each" 2>/dev/null ;;
        esac
    done
    set -f
}

# --- commit ---

# Goes to the file's directory, so that nobody can exchange it on the way.
enter() {
    until [ -d "$dir" ]; do
        top=$dir
        while [ -n "${top%/*}" ] && [ ! -d "${top%/*}" ]; do
            top=${top%/*}
        done
        mkdir "$top" 2>/dev/null || [ -d "$top" ] || stop not-writable
        [ -z "$owner" ] || chown -h "$owner" "$top" 2>/dev/null
    done
    cd -P "$dir" 2>/dev/null || stop not-writable
    [ "$(pwd -P)" = "$dir" ] || stop moved
}

# Takes the data to a file beside, with owner and mode as they will be, and on the disk where that can be had.
receive() {
    set -C
    cat >"$new" 2>/dev/null || stop not-writable
    set +C
    if [ $(($(wc -c <"$new"))) -ne "$size" ] || [ "$(sum <"$new")" != "$want" ]; then
        stop incomplete
    fi
    if [ -n "$owner" ]; then
        set -- $(attributes "$new")
        if [ "$2:$3" != "$owner" ] && ! chown "$owner" "$new" 2>/dev/null; then
            [ "$2" = "${owner%:*}" ] || stop foreign-owner
            say "warning the file's group could not be kept"
        fi
    fi
    chmod "$mode" "$new" || stop not-writable
    context "$new"
    durable=no
    if command -v fsync >/dev/null 2>&1; then
        fsync "$new" && durable=yes
    elif [ "$(uname -s)" = Linux ]; then
        # Of one file where sync knows how, else of everything; Linux waits for both.
        { sync "$new" || sync; } 2>/dev/null && durable=yes
    fi
}

# Gives a file the SELinux context that the policy names for its place.
context() {
    if command -v restorecon >/dev/null 2>&1; then
        restorecon "$1" >/dev/null 2>&1 || say "warning restorecon could not set the file's SELinux context"
    fi
}

current() {
    case $(kind "$name") in
        regular) sum <"$name" ;;
        *) kind "$name" ;;
    esac
}

# Shows what is there instead, and leaves the lock to the commit that follows.
changed() {
    rm -f "$new"
    say "state changed"
    show "$name"
    locked=no # nobody heard of it when this line is not reached
    exit 0
}

commit() {
    enter
    receive
    take
    if [ "$broke" = yes ] || [ "$clear" = yes ]; then
        sweep
    fi
    [ "$(current)" = "$expect" ] || changed
    [ "$expect" = missing ] || [ "$(attributes "$name")" = "$was" ] || changed
    mv -f "$new" "$name" 2>/dev/null || stop not-writable
    context "$name"
    sync . 2>/dev/null
    [ "$(current)" = "$want" ] || changed
    say "durable $durable"
    stop done
}

# --- all of it ---

broke=no
locked=no
mine="keywright-1 $editor $nonce"
case $op in
    hello) hello ;;
    look) look ;;
esac
dir=${file%/*}
dir=${dir:-/}
name=./${file##*/}
lock=$name.keywright-lock
new=./.keywright-wait-$nonce
case $op in
    commit)
        trap leave EXIT
        trap 'exit 1' HUP INT PIPE TERM
        commit
        ;;
    release)
        cd -P "$dir" || stop moved
        unlock
        stop done
        ;;
    tidy)
        cd -P "$dir" 2>/dev/null || stop done
        [ -w . ] || stop done
        trap leave EXIT
        trap 'exit 1' HUP INT PIPE TERM
        take
        sweep
        stop done
        ;;
esac
