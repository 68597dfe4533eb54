# shellcheck shell=sh
# What the machine sees of the host, each by a server of its own: the store, the job, its artifacts, the channel.
: "${runner:?}" "${hypervisor:?}" "${launch_network:?}"

# make_share: private/host, which the machine sees read-only: the workspace, what other jobs left and the job's files.
make_share() {
  share=private/host
  mkdir -p "$share/workspace" "$share/job" &&
    mount --rbind "$(readlink -f workspace)" "$share/workspace" &&
    cp -dR job.json launch command prepared "$share/job" && list_services >"$share/job/service-names" || return 1
  for path in needs/*; do
    [ ! -d "$path" ] || { mkdir -p "$share/$path" && mount --rbind "$(readlink -f "$path")" "$share/$path"; } || return 1
  done
  # Copied from the guard's memory into this namespace's, where the share's server reads them.
  [ ! -e secrets/env ] || { mkdir "$share/job/secrets" && cat secrets/env >"$share/job/secrets/env"; }
}

# serve_shares: those that microvm.nix was told of, and no others: a module could ask for any directory of the host.
serve_shares() {
  for described in "$runner"/share/microvm/virtiofs/*; do
    tag=${described##*/}
    case $tag in
      store) set -- /nix/store --readonly --cache=always --announce-submounts ;;
      host) set -- private/host --readonly --cache=always --announce-submounts ;;
      artifacts) set -- artifacts ;;
      channel) set -- channel --cache=never ;;
      *) fail "the guest's modules want the share $tag; a guest has store, host, artifacts and channel" ;;
    esac
    [ "$(cat "$described/socket")" = "$tag.sock" ] || fail "the guest's modules have moved the socket of the share $tag"
    [ "$hypervisor" != crosvm ] || set -- "$@" "--tag=$tag"
    directory=$1
    shift
    serve "$tag" "$runner/bin/virtiofsd" --socket-path="private/$tag.sock" --shared-dir="$directory" --log-level=error "$@"
  done
}

# serve_network: a network where the job has one; private/arguments is what the hypervisor is given besides.
serve_network() {
  true >private/arguments
  [ "$launch_network" = user ] || return 0
  serve_passt "$runner/bin/passt"
  echo "-netdev stream,id=network,server=off,addr.type=unix,addr.path=network.sock" \
    "-device virtio-net-pci,netdev=network,romfile=" >private/arguments
}
