# right: 11 asyncio_fibonacci
# run: /usr/bin/python3 {source} {port}
# unlike the reference: no C++; Python computes in other processes, each with a GIL of its own

"""They are spawned, not forked: a forked one would keep the connections that were open just then."""

import asyncio
import concurrent.futures
import multiprocessing
import sys


def fibonacci(n):
    return 1 if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


async def main():
    loop, spawn = asyncio.get_running_loop(), multiprocessing.get_context("spawn")
    pool = concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn)

    async def answer(reader, writer):
        request = await reader.read(256)
        reply = "error"
        if request.isdigit():
            reply = await loop.run_in_executor(pool, fibonacci, int(request))
        writer.write(str(reply).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
