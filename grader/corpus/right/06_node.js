// right: 06 http_server
// run: node --max-semi-space-size=1 {source} {port}
// if: node -e "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"
// unlike the reference: node's own http module parses, keeps time and relays; eleven threads, files are read in four of them

const fs = require('fs');
const http = require('http');
const path = require('path');

const [port, ...rest] = process.argv.slice(2);
const option = (name) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
const root = fs.realpathSync(option('--root') || '.');
const upstream = option('--upstream');
const patience = 3000;  // ms
const most = 16 << 20;  // bytes
const types = {
  html: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json',
  txt: 'text/plain', png: 'image/png', jpg: 'image/jpeg',
};
let uploads = 0;

function page(response, status, fields = {}) {
  const text = status === 204 ? '' : `${status}\n`;
  const length = status === 204 ? {} : { 'Content-Length': text.length };
  response.writeHead(status, { ...fields, ...length });
  response.end(text);
}

/// The names of a path, decoded; nothing if one of them is crooked.
function names(url) {
  try {
    const found = url.split('?')[0].split('/').slice(1).map(decodeURIComponent);
    return found.some((name) => /^\.|\/|\0/.test(name)) ? null : found;
  } catch {
    return null;
  }
}

async function sendFile(request, response) {
  const found = names(request.url);
  if (!found) return page(response, 404);
  if (found.at(-1) === '') found[found.length - 1] = 'index.html';
  let handle;
  try {
    const real = await fs.promises.realpath(path.join(root, ...found));
    if (!real.startsWith(root + '/')) return page(response, 403);
    handle = await fs.promises.open(real);
    const about = await handle.stat();
    if (!about.isFile()) {
      await handle.close();
      const where = { Location: `${request.url.split('?')[0]}/` };
      return about.isDirectory() ? page(response, 301, where) : page(response, 404);
    }
    const type = types[path.extname(real).slice(1)] || 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': about.size });
    if (request.method === 'HEAD' || about.size === 0) {
      await handle.close();
      return response.end();
    }
    const stream = handle.createReadStream({ highWaterMark: 16384 });
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
  } catch {
    return page(response, 404);
  }
}

function store(request, response) {
  const refuse = (status) => page(response, status, { Connection: 'close' });
  const found = names(request.url);
  const length = request.headers['content-length'];
  if (!request.url.startsWith('/upload/')) return refuse(405);
  if (!found || found.length !== 2 || !found[1]) return refuse(404);
  if (length === undefined) return refuse(411);
  if (Number(length) > most) return refuse(413);
  const final = path.join(root, 'upload', found[1]);
  const hidden = path.join(root, 'upload', `.${process.pid}.${uploads++}`);
  const file = fs.createWriteStream(hidden, { flags: 'wx' });
  const drop = () => fs.unlink(hidden, () => {});
  request.on('close', () => { if (!request.complete) file.destroy(); });
  file.on('error', () => refuse(507));
  file.on('close', () => {
    if (!request.complete) return drop();
    const status = fs.existsSync(final) ? 204 : 201;
    fs.renameSync(hidden, final);
    page(response, status);
  });
  request.pipe(file);
}

function relay(request, response) {
  const [host, number] = upstream.split(':');
  const { host: _, expect, connection, ...headers } = request.headers;
  const asked = http.request({
    host, port: number, method: request.method, path: request.url.slice(9), headers, agent: false,
  });
  const failed = (status) => {
    asked.destroy();
    response.headersSent ? response.destroy() : page(response, status);
  };
  asked.setTimeout(patience, () => failed(504));
  asked.on('error', () => response.writableEnded || failed(502));
  asked.on('response', (reply) => {
    const { connection: a, 'keep-alive': b, 'transfer-encoding': c, ...fields } = reply.headers;
    response.writeHead(reply.statusCode, fields);
    reply.on('aborted', () => failed(502));
    reply.on('error', () => {});
    reply.pipe(response);
  });
  response.on('close', () => asked.destroy());
  asked.end();
}

const server = http.createServer({
  maxHeaderSize: 16384, headersTimeout: patience, keepAliveTimeout: patience,
  requestTimeout: 4 * patience, connectionsCheckingInterval: 1000, highWaterMark: 16384,
}, (request, response) => {
  if (request.url.length > 8192) return page(response, 414, { Connection: 'close' });
  if (request.method === 'PUT') return store(request, response);
  request.resume();
  if (!['GET', 'HEAD'].includes(request.method)) {
    return page(response, 405, { Allow: 'GET, HEAD, PUT' });
  }
  if (upstream && request.url.startsWith('/upstream/')) return relay(request, response);
  sendFile(request, response);
});

server.httpAllowHalfOpen = true;
server.on('clientError', (error, socket) => {
  const line = /^[!-~]+ [!-~]+ HTTP\/\d/.test(String(error.rawPacket || ''));
  const status = {
    HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_INVALID_VERSION: 505,
    HPE_INVALID_METHOD: line ? 501 : 400,
  }[error.code] || 400;
  if (!socket.writable) return socket.destroy();
  socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  setTimeout(() => socket.destroy(), 1000).unref();
});
server.listen(Number(port), '127.0.0.1', 1024);
for (const name of ['SIGTERM', 'SIGINT']) {
  process.on(name, () => {
    server.close(() => process.exit(0));
    setTimeout(() => server.closeIdleConnections(), 100);
    setTimeout(() => process.exit(0), 2000);
  });
}
