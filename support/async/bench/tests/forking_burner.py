"""A server that listens and does nothing, but has children that burn CPU and end. It prints what
getrusage(2) says of them, in seconds, on stderr: forking_burner.py PORT CHILDREN SECONDS"""
import os
import resource
import socket
import sys
import time

port, children, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
for _ in range(children):
    if os.fork() == 0:
        while time.process_time() < seconds:
            pass
        os._exit(0)
    os.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[4], "w") as file:
    file.write(str(used.ru_utime + used.ru_stime))
listener = socket.create_server(("127.0.0.1", port))
time.sleep(60)
