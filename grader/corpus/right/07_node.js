// right: 07 file_server
// run: node {source} {port}
// needs: nodejs
// unlike the reference: JavaScript, libuv's own pool of four threads, streams that are piped

const fs = require('fs');
const http = require('http');
const path = require('path');
const { pipeline } = require('stream');

const at = process.argv.indexOf('--root');
const root = fs.realpathSync(at < 0 ? '.' : process.argv[at + 1]);
let stopping = false;

function refuse(response, status) {
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
}

function send(request, response, file) {
  fs.fstat(file, (error, about) => {
    if (error || !about.isFile()) return fs.close(file, () => refuse(response, 404));
    response.writeHead(200, { 'Content-Length': about.size });
    if (request.method === 'HEAD' || about.size === 0) return fs.close(file, () => response.end());
    pipeline(fs.createReadStream('', { fd: file }), response, () => {});
  });
}

const server = http.createServer((request, response) => {
  response.on('finish', () => stopping && request.socket.end());
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const asked = path.join(root, decodeURIComponent(request.url.split('?')[0]));
  fs.realpath(asked, (error, real) => {
    if (error) return refuse(response, 404);
    if (!real.startsWith(root + '/')) return refuse(response, 403);
    fs.open(real, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK, (wrong, file) =>
      wrong ? refuse(response, 404) : send(request, response, file));
  });
});
server.httpAllowHalfOpen = true;
server.keepAliveTimeout = 0;
process.on('SIGTERM', () => {
  stopping = true;
  server.close();
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 2000).unref();
});
server.listen(Number(process.argv[2]), '127.0.0.1', 1024);
