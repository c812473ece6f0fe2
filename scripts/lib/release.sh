# shellcheck shell=bash
# Sourced after setup.sh, from the repository's root, by scripts that build what they run optimised.

# shellcheck disable=SC2034 # read by the scripts that build a release
release=(--configuration release --static-swift-stdlib --scratch-path .build-release)

# Optimisation looks into what other modules keep to themselves, but when only that changes nobody builds the others again:
# such a program copies structures by a layout they no longer have. A tree that has changed is therefore built anew.
fresh_release() {
    local stamp=.build-release/sources now
    now=$(find Sources Package.swift -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return
    rm -rf .build-release
    mkdir -p .build-release
    printf '%s\n' "$now" >"$stamp"
}
