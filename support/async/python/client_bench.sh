#!/usr/bin/env bash
# Many clients at once, one request each; to be timed: `time ./client_bench.sh [PORT [NUM [CLIENTS]]]`.
# Exit status 1 if any of them failed.

usage() {
    echo "Usage: $(basename "$0") [port [num [clients]]]" >&2
    exit 1
}

port=${1:-2999} num=${2:-30} clients=${3:-8}
[[ $# -le 3 && $port =~ ^[0-9]+$ && $num =~ ^[+-]?[0-9]+$ && $clients =~ ^[0-9]{1,5}$ ]] || usage

client=$(dirname "${BASH_SOURCE[0]}")/client.py
pids=()
for ((i = 0; i < 10#$clients; i++)); do
    "$client" localhost "$port" "$num" &
    pids+=($!)
done

status=0
for pid in "${pids[@]}"; do
    wait "$pid" || status=1
done
exit $status
