"""Lab 11: a server that computes, and is there for others meanwhile.

A client sends a number n and gets the n-th Fibonacci number, computed by C++ (try 45: it takes some
seconds). While it computes, other clients are served by the same thread as before.
"""
import asyncio

import asynclab
from program import main


async def compute(n) -> int:
    """The n-th Fibonacci number, while the loop goes on."""
    # TODO(11.5): have a thread compute it, and wait for that thread.
    #   A thread helps only because asynclab.fibonacci() releases the GIL. None is the loop's own
    #   pool of threads.
    #   man: asyncio "loop.run_in_executor"   check: a_long_computation_delays_nobody
    raise NotImplementedError("TODO(11.5)")


async def answer(reader, writer):
    """One request, a number; one reply, its Fibonacci number or what is wrong with it."""
    try:
        n = int(await reader.read(256))
        reply = f"{await compute(n)}" if 0 <= n <= 92 else "out of range"
    except ValueError:
        reply = "error"
    writer.write(reply.encode())
    await writer.drain()


if __name__ == "__main__":
    main(answer)
