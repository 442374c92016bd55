#!/usr/bin/env bash
# Samples where the time goes, with JMH's stack profiler, and writes the .txt files beside this script:
# benchmarks/profiles/profile.sh, or with the name of one: benchmarks/profiles/profile.sh crypto
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

# The innermost method of each sample of the thread that runs the benchmark; threads without a stack are left out.
sample() {
    local name=$1
    shift
    {
        echo "# ./bench $* -prof stack:top=8"
        ../../bench "$@" -prof stack:top=8 | awk '
            /^# Benchmark: /   { title = $3; sub(/.*benchmarks\./, "", title) }
            /^# Parameters: /  { $1 = ""; $2 = ""; gsub(/ +/, " "); parameters = $0 }
            /Thread state: RUNNABLE/ { inside = 1; empty = 0; print ""; print title parameters; next }
            inside && NF == 0  { inside = 0 }
            inside && /stack is empty/ { empty = $2 + 0; next }
            inside && /%/      { share = ($2 + 0) * 100 / (100 - empty); $1 = ""; $2 = "";
                                 if (share >= 1) printf "%4.0f %% %s\n", share, $0 }'
    } > "$name.txt"
    echo "$name.txt"
}

only=${1:-}
wanted() { [[ -z $only || $only == "$1" ]]; }

if wanted crypto; then
    sample crypto KeyCrypto -p algorithm=ed25519,p384 -p peer=keywright -wi 5 -i 3
fi
if wanted native; then
    sample native KeyCrypto -p algorithm=ed25519,p256 -p peer=keywright-native -wi 5 -i 3
fi
if wanted rsa; then
    sample rsa RsaGeneration -p algorithm=rsa3072 -p peer=keywright -wi 3 -i 30
fi
if wanted key-files; then
    sample key-files KeyFile -p peer=KEYWRIGHT -wi 5 -i 3
fi
if wanted authorized-keys; then
    sample authorized-keys 'AuthorizedKeys.*(parse|replaceOne)' -p lines=10000 -wi 5 -i 3
fi
if wanted rotation; then
    {
        echo "# ./bench --rotation"
        ../../bench --rotation
    } > rotation.txt
    echo rotation.txt
fi
