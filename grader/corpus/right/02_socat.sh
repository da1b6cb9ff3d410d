# right: 02 forking_echo
# run: /bin/sh {source} {port}
# needs: socat
# unlike the reference: socat(1) forks, and each child becomes cat(1) on its connection

exec socat "TCP-LISTEN:$1,bind=127.0.0.1,reuseaddr,fork,backlog=128" EXEC:/bin/cat,nofork
