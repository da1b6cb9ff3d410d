#!/usr/bin/env python3
"""Echo, a thread for each client, made of the same calls that wait. `ps huH p PID | wc -l` counts
the threads."""
import threading

import echo


def serve(listener):
    for client in echo.clients(listener):
        try:
            threading.Thread(target=echo.converse, args=(client,), daemon=True).start()
        except RuntimeError:  # no more threads, pthread_create(3): this client is turned away
            client.close()


if __name__ == "__main__":
    echo.run(serve)
