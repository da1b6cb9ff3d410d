# right: 07 file_server
# run: /bin/sh {source} {port}
# unlike the reference: the loop itself reads what is in memory (preadv2(2), RWF_NOWAIT), the executor the rest
exec /usr/bin/python3 "$(dirname "$0")/07_asyncio.py" "$@" --nowait
