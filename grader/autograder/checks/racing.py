"""What labs promise of threads: no two touch the same memory at once, unless both only read."""
from ..build import THREADSAN
from ..sanitizer import SANITIZER
from ..failure import Failed, Lacking

UNUSABLE = ("unexpected memory mapping", "failed to intercept", "FATAL: ThreadSanitizer")
BUILDS = (THREADSAN,)


def has_no_data_race(bench, number, rounds=3, **options):
    """Clients come, are served at once, and leave: ThreadSanitizer watches every access."""
    try:
        with bench.server(threadsan=True, **options) as server:
            for _ in range(rounds):
                watched(server, number)
    except Failed as failed:
        if any(word in line for word in UNUSABLE for line in failed.words):
            raise Lacking(
                f"ThreadSanitizer does not run here ({failed.words[0].strip()}):"
                " `sysctl vm.mmap_rnd_bits=28` helps, or a newer g++"
            ) from None
        raise


def watched(server, number):
    """A report takes a while, because it names lines: it explains what the clients saw before."""
    try:
        drive(server, number)
    except Failed as failed:
        server.wait(server.box.wait_for_exit, limit=10)
        server.fail(failed.saw, failed.means, failed.read)


def drive(server, number):
    clients = [server.connect() for _ in range(number)]
    messages = [server.payload(3000) for _ in clients]
    for client, message in zip(clients, messages):
        client.send(message)
    for client, message in zip(clients, messages):
        client.expect(message)
    for client in clients:
        client.half_close()
    for client in clients:
        client.expect_end()
    if SANITIZER.search(str(server.box.stderr)):
        server.fail("ThreadSanitizer has something to say")
