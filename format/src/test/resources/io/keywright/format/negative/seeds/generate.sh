#!/usr/bin/env bash
# Makes the keys that the negative vectors are derived from, with the programs that own the formats. The keys are committed
# and are nobody's: run this only to start from new ones, and then make the vectors anew (see ../README.md).
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

pass=keywright-test
comment="seed key"
rm -f -- *.key *.pub *.ppk *.pem

keygen() { # NAME ssh-keygen's options...
    ssh-keygen -q -C "$comment" -f "$1.key" "${@:2}"
}

# --- openssh-key-v1, and their public lines ---
keygen ed25519 -t ed25519 -N ""
keygen other -t ed25519 -N ""
keygen rsa -t rsa -b 2048 -N ""
keygen otherrsa -t rsa -b 2048 -N ""
keygen p256 -t ecdsa -b 256 -N ""
keygen p384 -t ecdsa -b 384 -N ""
keygen p521 -t ecdsa -b 521 -N ""
keygen dsa -t dsa -N ""
# one round: the vectors are about faults, not about time
keygen ctr -t ed25519 -N "$pass" -a 1
keygen gcm -t ed25519 -N "$pass" -a 1 -Z aes256-gcm@openssh.com
keygen chacha -t ed25519 -N "$pass" -a 1 -Z chacha20-poly1305@openssh.com
rm -f ctr.key.pub gcm.key.pub chacha.key.pub
for name in ed25519 other rsa otherrsa p256 p384 p521 dsa; do
    mv "$name.key.pub" "$name.pub"
done

# --- PPK ---
for name in ed25519 rsa p256 dsa; do
    puttygen "$name.key" -O private -o "$name.ppk" --ppk-param version=3
    puttygen "$name.key" -O private -o "$name-v2.ppk" --ppk-param version=2
done
printf %s "$pass" >pass.tmp
puttygen ed25519.key -O private -o ed25519-encrypted.ppk --new-passphrase pass.tmp \
    --ppk-param version=3,memory=64,passes=1,parallelism=1
puttygen rsa.key -O private -o rsa-encrypted.ppk --new-passphrase pass.tmp \
    --ppk-param version=3,memory=64,passes=1,parallelism=1
puttygen ed25519.key -O private -o ed25519-encrypted-v2.ppk --new-passphrase pass.tmp --ppk-param version=2
puttygen rsa.key -O private-sshcom -o rsa-sshcom.key
puttygen dsa.key -O private-sshcom -o dsa-sshcom.key
puttygen rsa.key -O private-sshcom -o rsa-sshcom-encrypted.key --new-passphrase pass.tmp
puttygen rsa.key -O public -o rsa-rfc4716.pub

# --- traditional PEM ---
for name in rsa p256 dsa; do
    puttygen "$name.key" -O private-openssh -o "$name.pem"
done
openssl rsa -in rsa.pem -traditional -aes128 -passout "file:pass.tmp" -out rsa-encrypted.pem 2>pass.err
openssl ec -in p256.pem -aes256 -passout "file:pass.tmp" -out p256-encrypted.pem 2>pass.err

# --- PKCS#8 ---
for name in rsa p256 dsa; do
    openssl pkcs8 -topk8 -nocrypt -in "$name.pem" -out "$name-pkcs8.pem"
done
openssl genpkey -algorithm ed25519 -out ed25519-pkcs8.pem
openssl genpkey -algorithm ed448 -out ed448-pkcs8.pem
openssl pkcs8 -topk8 -in ed25519-pkcs8.pem -passout "file:pass.tmp" -v2 aes-256-cbc -iter 16 -out pbkdf2-pkcs8.pem
openssl pkcs8 -topk8 -in ed25519-pkcs8.pem -passout "file:pass.tmp" -scrypt -scrypt_N 16 -scrypt_r 1 -scrypt_p 1 \
    -out scrypt-pkcs8.pem
openssl pkcs8 -topk8 -in ed25519-pkcs8.pem -passout "file:pass.tmp" -v1 PBE-SHA1-3DES -iter 16 -out pbes1-pkcs8.pem

# --- public PEM ---
for name in rsa p256 dsa ed25519 ed448; do
    openssl pkey -in "$name-pkcs8.pem" -pubout -out "$name-spki.pem"
done
openssl rsa -in rsa.pem -RSAPublicKey_out -out rsa-pkcs1.pem 2>pass.err
rm -f pass.tmp pass.err
chmod 644 -- *.key *.pub *.ppk *.pem
