# right: 02 forking_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: another program serves, as inetd(8) has it: cat(1) on the connection; the
# kernel is told to keep no zombies

import signal
import socket
import subprocess
import sys

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128) as listener:
    while True:
        client, _ = listener.accept()
        subprocess.Popen(["/bin/cat"], stdin=client, stdout=client, stderr=subprocess.DEVNULL)
        client.close()
