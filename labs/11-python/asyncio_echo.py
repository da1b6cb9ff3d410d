"""Lab 11: an echo server in asyncio, as anybody would write it; the loop below it is your own.

Try it: `make bindings FROM=labs`, then `PYTHONPATH=build/labs/python /usr/bin/python3
labs/11-python/asyncio_echo.py` and, in other terminals, `nc 127.0.0.1 12345`.
"""
from program import main


async def echo(reader, writer):
    """Sends back what one client sends, until it has finished."""
    while data := await reader.read(64 * 1024):
        writer.write(data)
        await writer.drain()


if __name__ == "__main__":
    main(echo)
