// Lab 07: files over HTTP/1.1 from one event loop, and threads for what no loop can wait for.
//
// Try it: `file_server --root DIR`, then `curl http://127.0.0.1:12345/NAME`. Make one file slow,
// with strace(1) as the handout shows, and ask for another meanwhile. `--trust SECONDS`: the loop
// itself sends files that have been read within that time.

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "async/program.hpp"
#include "clients.hpp"
#include "connection.hpp"
#include "event_loop.hpp"
#include "file.hpp"
#include "open_files.hpp"
#include "pool.hpp"
#include "response.hpp"

using async::FileDescriptor;

class FileServer {
 public:
  FileServer(FileDescriptor listener, const async::Arguments& arguments)
      : root_{async::check("open",
                           ::open(arguments.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))},
        warm_{loop_, std::chrono::seconds{arguments.trust}},
        clients_{loop_, std::move(listener), [this](Connection& ready) { serve(ready); }} {
    async::written([this] { watch_pool(); });
  }

  void run() { loop_.run(); }

 private:
  static constexpr std::size_t piece_size = 128 * 1024;  // bytes in memory of one reply: our choice
  static constexpr std::size_t small = 16 * 1024;        // bytes that go with their head
  static constexpr unsigned threads = 4;                 // reads under way at once: our choice
  static constexpr int budget = 16;                      // steps of a connection in one event

  // -- the pool ----------------------------------------------------------------------------------
  /// Has finished jobs collected by the loop.
  void watch_pool() {
    // TODO(07.4): add the pool's descriptor to the loop, with collect() as its callback.
    //   man: eventfd(2)   check: others_are_served_while_a_file_is_slow
    async::todo("07.4");
  }

  /// Does `work`, which may wait for a disk, and then calls `done` for the connection.
  void offload(Connection& connection, Pool::Function work, std::function<void(Connection&)> done) {
    if (async::written([&] { submit(connection, work, done); })) return;
    work();  // the older way: here, and everybody waits
    done(connection);
  }

  /// Has `work` done by the pool; then calls `done`, and goes on with the connection.
  void submit(Connection& connection, Pool::Function work, std::function<void(Connection&)> done) {
    // TODO(07.4): submit it, and mark the connection as busy until it is done.
    //   The client may leave meanwhile, and the Connection with it. Capture its id, and look it up
    //   in `clients_` when the job is done: serve() goes on with it if it is still there.
    //   man: pthreads(7)   check: a_client_that_leaves_harms_nobody
    async::todo("07.4");
  }

  // -- a reply -----------------------------------------------------------------------------------
  /// Begins to answer the request that has been parsed.
  void answer(Connection& connection) {
    const http::Request& request = connection.parser.request();
    connection.last = connection.parser.failed() || !request.keep_alive() || request.chunked ||
                      request.body_size() > 0 || clients_.stopping();
    if (connection.parser.failed()) return refuse(connection, connection.parser.status());
    if (request.method != "GET" && request.method != "HEAD") return refuse(connection, 405);
    const auto path = http::path_of(request.target);
    if (!path) return refuse(connection, 400);
    if (auto known = warm_.find(*path)) return send_warm(connection, std::move(known), *path);
    const auto file = std::make_shared<File>();
    offload(
        connection, [file, path, root = root_.get()] { *file = open_file(root, *path); },
        [this, file, path](Connection& same) { send_file(same, file, *path); });
  }

  /// Answers that there is no file, and why.
  void refuse(Connection& connection, int status) {
    const std::string body = std::string{http::reason(status)} + "\n";
    const bool bare = connection.parser.request().method == "HEAD";
    connection.put(http::head(status, body.size(), "text/plain", connection.last) +
                   (bare ? "" : body));
    connection.parser.restart();
  }

  /// Answers with the file that was opened, if it was: the head now, the body piece by piece.
  void send_file(Connection& connection, std::shared_ptr<const File> file,
                 const std::string& path) {
    if (file->error != 0) return refuse(connection, http::status_of(file->error));
    connection.put(http::head(200, file->size, http::media_type(path), connection.last));
    connection.body_left = connection.parser.request().method == "HEAD" ? 0 : file->size;
    connection.offset = 0;
    connection.file = std::move(file);
    connection.path = path;
    connection.warm = false;
    connection.parser.restart();
  }

  /// Answers with a file that is in memory: a small one at once, another one by sendfile().
  void send_warm(Connection& connection, std::shared_ptr<const File> file,
                 const std::string& path) {
    send_file(connection, std::move(file), path);
    connection.warm = true;
    if (connection.body_left > small) return;
    const std::string body = read_piece(*connection.file, 0, connection.body_left);
    connection.offset = body.size();
    connection.body_left -= body.size();
    connection.put(body);
  }

  /// The reply has been sent. If all of its file was read for it, that is in memory now.
  void end_reply(Connection& connection) {
    const auto file = std::exchange(connection.file, nullptr);
    if (!file || connection.warm || connection.offset < file->size) return;
    warm_.keep(connection.path, file);
  }

  /// Reads the next piece of the body, and queues it: called when the one before it has been sent.
  void next_piece(Connection& connection) {
    // TODO(07.2): read at most `piece_size` bytes with read_piece(), by offload(); then put() them.
    //   What the work leaves for `done` lies behind a shared_ptr that both capture. Keep `offset`
    //   and `body_left` right. An empty piece: the file has become shorter than the head said, so
    //   all that is left is to close the connection behind what was sent.
    //   man: pread(2)   check: sends_files_byte_for_byte
    async::todo("07.2");
  }

  // -- a connection ------------------------------------------------------------------------------
  /// Does what can be done for it now, up to the budget; then waits for what is missing.
  void serve(Connection& connection) {
    Went went = Went::well;
    for (int left = budget; left > 0 && went == Went::well && !connection.busy; --left) {
      went = advance(connection);
    }
    if (went == Went::wrong) return clients_.close(connection);
    const bool stuck = connection.unsent() > 0 || (connection.warm && connection.body_left > 0);
    const bool sends = stuck || went == Went::well;  // well: out of budget
    const std::uint32_t interest = sends ? EPOLLOUT : EPOLLIN;
    clients_.watch(connection, connection.busy ? 0 : interest);
  }

  /// One step: send, read the file, parse, or receive. `wrong` also when all has been said.
  Went advance(Connection& connection) {
    if (connection.unsent() > 0) return connection.send();
    if (connection.body_left > 0 && connection.warm) return connection.send_file();
    if (connection.body_left > 0) return next_piece(connection), Went::well;
    end_reply(connection);
    if (connection.last) return connection.say_goodbye();
    if (connection.parse()) return answer(connection), Went::well;
    return connection.finished ? Went::wrong : connection.receive();
  }

  EventLoop loop_;
  FileDescriptor root_;
  http::OpenFiles<File> warm_;  // read to their end, within the time of `--trust`
  Clients clients_;
  Pool pool_{threads};  // after `clients_`, which blocks the signals; it ends before what it uses
};

int main(int argc, char* argv[]) {
  std::signal(SIGPIPE, SIG_IGN);  // sendfile(2) has no MSG_NOSIGNAL: EPIPE is enough, signal(7)
  return async::run_server<FileServer>(argc, argv, {.root = true, .trust = true});
}
