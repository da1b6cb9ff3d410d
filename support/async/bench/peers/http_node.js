// node's http with files read by its pool of threads: fs.readFile() for each request, nothing
// cached. Connections are kept, for any number of requests.

const fs = require('fs');
const http = require('http');
const path = require('path');

const root = path.resolve(process.argv[3]);

function answer(request, response) {
  const file = path.join(root, decodeURIComponent(request.url.split('?')[0]));
  if (!file.startsWith(root + path.sep)) return response.writeHead(403).end();
  fs.readFile(file, (error, content) => {
    if (error) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Length': content.length });
    response.end(content);
  });
}

const server = http.createServer({ noDelay: true, keepAliveTimeout: 0 }, answer);
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
