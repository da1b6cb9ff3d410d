# right: 02 forking_echo
# run: /bin/sh {source} {port}
# needs: socat
# unlike the reference: socat(1); a child has select() and a pipe to itself

exec socat -t 60 "TCP-LISTEN:$1,bind=127.0.0.1,reuseaddr,fork,backlog=128" PIPE
