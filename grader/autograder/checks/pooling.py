"""What labs promise of a pool: N clients at once, and the next one waits."""
from .. import tcp
from ..client import Client
from ..verdict import MECHANISM
from . import echoing


def pool(number):
    return {"arguments": ["--workers", number]}


def serves_at_once(server, number):
    """`number` clients are connected, and each is served while the others stay."""
    clients = [server.connect() for _ in range(number)]
    for _ in range(2):
        for client in reversed(clients):
            echoing.echoes(
                server,
                client,
                (24,),
                f"a pool of {number} serves {number} clients at once",
            )
    return clients


def the_next_one_waits(bench, number=3):
    """The N+1st client is not answered before one leaves; then all its bytes come back."""
    with bench.server(**pool(number)) as server:
        clients = serves_at_once(server, number)
        next_one, message = one_more_waits(server, clients)
        echoing.says_goodbye(server, clients[1])
        next_one.expect(
            message,
            "who waits is served when another has gone, and nothing that it sent is lost",
            'listen(2), "backlog"',
        )
        for client in (clients[0], next_one, clients[2]):
            echoing.says_goodbye(server, client)


def one_more_waits(server, clients):
    """One more than the pool serves gets no answer; returns it, and what it has sent."""
    next_one, message = server.connect(), server.payload(3000)
    next_one.send(message)
    server.rest()
    echoing.echoes(server, clients[0], (24,))
    if not next_one.silent():
        server.fail(
            f"{next_one.name} was answered although {len(clients)} clients were being served",
            f"--workers {len(clients)} means that {len(clients)} are served at once, and no more",
            "accept(2)",
            MECHANISM,
        )
    return next_one, message


def crowd(server, number):
    """Clients that connect, and do not wait for anything, not even to be connected."""
    clients = []
    server.note(f"{number} clients connect, or try to")
    for made in server.box.sockets(number):
        client = Client(server, f"client {len(server.clients) + 1}", made)
        client.socket.setblocking(False)
        client.socket.connect_ex(("127.0.0.1", server.port))
        server.clients.append(client)
        clients.append(client)
    return clients


def accepted(server) -> int:
    """How many connections the server holds: the others wait in the kernel."""
    held = set(server.descriptors().values())
    return sum(
        entry.inode in held
        for entry in server.sockets()
        if entry.local_port == server.port and entry.state != tcp.LISTEN
    )
