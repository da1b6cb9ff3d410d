// right: 05 epoll_echo
// run: node {source} {port}
// needs: nodejs
// unlike the reference: JavaScript, helper threads from the start, pause() and resume()
//
// Node raises its own soft limit of descriptors, opens twenty before the first client (so it cannot
// start with 16) and, out of descriptors, refuses: libuv has a spare one. `make bench-peers` measures
// it too.

const net = require('net');

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  client.on('data', (data) => {
    if (!client.write(data)) client.pause();
  });
  client.on('drain', () => client.resume());
  client.on('end', () => client.end());
  client.on('error', () => client.destroy());
});

// Node ends by itself with the last client, as the timer does not count.
function stop() {
  server.close();
  setTimeout(() => process.exit(0), 2000).unref();
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
server.on('error', (error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 1024 });
