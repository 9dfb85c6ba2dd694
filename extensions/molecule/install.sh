#!/bin/sh
# What the scenarios need beside .venv: containers with systemd, and root file systems for them. Debian and Ubuntu.
set -eu
for tool in podman runc mmdebstrap ssh; do
  command -v "$tool" >/dev/null || missing="${missing:-} $tool"
done
[ -n "${missing:-}" ] || exit 0
command -v apt-get >/dev/null || {
  echo "molecule: install$missing by your system's means; this script knows apt-get only" >&2
  exit 1
}
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  podman runc netavark aardvark-dns iptables mmdebstrap openssh-client >/dev/null
