#!/usr/bin/env python3
"""Echo, one client at a time: the second one is not served before the first has gone. What it sends
meanwhile waits in the kernel, and is answered in one lump."""
import echo


def serve(listener):
    for client in echo.clients(listener):
        echo.converse(client)


if __name__ == "__main__":
    echo.run(serve)
