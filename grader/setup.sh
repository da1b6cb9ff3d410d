#!/bin/sh
# Installs what the kit needs and this machine lacks, with apt (through sudo when not root).
# `setup.sh tests`: also what only the kit's own test suite needs; so with `compare`, `peers`, `slides`,
# `bench`, and `fuzz`, which is clang with its runtime: without it the test suite skips the fuzzing.
set -u
packages="g++ make git pkg-config liburing-dev libgtest-dev pybind11-dev python3-dev bubblewrap strace util-linux bsdextrautils
 iproute2 python3 python3-pytest python3-click python3-rich python3-jinja2 python3-jsonschema python3-yaml python3-seccomp"
/usr/bin/python3 -c 'import tomllib' 2>/dev/null || packages="$packages python3-tomli"
command -v nc >/dev/null || packages="$packages netcat-openbsd"  # the handouts talk to servers with nc
[ "${1-}" = tests ] && packages="$packages python3-pytest-xdist libuv1-dev libasio-dev socat ncat perl python3-matplotlib mypy
 curl wrk apache2-utils python3-distributed"
# Slides: node and npm (of another source they are one package), a browser, and the fonts of the theme.
if [ "${1-}" = slides ]; then
  packages="$packages python3-matplotlib fonts-dejavu-core fonts-liberation"
  command -v npm >/dev/null || packages="$packages nodejs npm"
  command -v chromium >/dev/null || command -v google-chrome >/dev/null || packages="$packages chromium"
fi
[ "${1-}" = compare ] && packages="$packages python3-matplotlib"
[ "${1-}" = peers ] &&
  packages="$packages libpython$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')-testsuite"
# The load generator packs its histograms (zlib); what our servers are measured against. Go is large
# and stays a matter of choice: golang-go.
[ "${1-}" = bench ] && packages="$packages python3-matplotlib zlib1g-dev libuv1-dev libevent-dev libev-dev libasio-dev python3-uvloop
 nginx lighttpd wrk" && { command -v node >/dev/null || packages="$packages nodejs"; }
optional=  # what not every distribution has: the tests that need it are skipped then
[ "${1-}" = tests ] && optional=chromium  # Ubuntu: Chromium is no package
[ "${1-}" = fuzz ] && packages="$packages clang" && optional=libclang-rt-dev
[ "${1-}" = bench ] && optional=darkhttpd  # Debian 12 has it not
lacking() {
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$package"
  done
}
missing=$(lacking $packages)
optional=$(lacking $optional)
known() { for package in "$@"; do apt-cache show "$package" >/dev/null 2>&1 && printf ' %s' "$package"; done; }
[ -z "$missing" ] && [ -n "$(known g++)" ] && optional=$(known $optional)  # the rest is not to be had
[ -z "$missing$optional" ] && exit 0
command -v apt-get >/dev/null || { echo "error: install these by hand, there is no apt here:$missing" >&2; exit 3; }
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
[ -z "$sudo" ] || command -v sudo >/dev/null || { echo "error: as root, run: apt-get install$missing" >&2; exit 3; }
echo "asynclab: installing what is missing:$missing$optional"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# Web servers are measured here, not run: they shall not start now, nor with the machine. Whoever would
# start a service asks /usr/sbin/policy-rc.d first (invoke-rc.d(8)); 101 means no. It goes when we end.
services=
for service in nginx lighttpd darkhttpd; do
  case "$missing$optional " in *" $service "*) services="$services $service" ;; esac
done
policy=/usr/sbin/policy-rc.d
if [ -n "$services" ] && [ ! -e $policy ]; then
  trap '$sudo rm -f $policy' EXIT
  trap 'exit 3' INT TERM
  printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null && $sudo chmod +x $policy
fi
{ $sudo apt-get update && $sudo apt-get install -y --no-install-recommends $missing $(known $optional); } >"$log" 2>&1 || {
  tail -n 5 "$log" >&2
  echo "error: apt-get could not install:$missing (whole log: $log)" >&2
  exit 3
}
rm -f "$log"
for service in $services; do
  [ ! -d /run/systemd/system ] || $sudo systemctl disable --now "$service" >/dev/null 2>&1
done
exit 0
