// right: 06 http_server
// build: g++ -std=c++20 -O1 -o {output} {source}
// run: {output} {port}
// unlike the reference: edge-triggered with a ready list, one string each way, std::regex for
// heads, the gateway reads whole chunks, a clock looked at every half second
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <utility>

using std::string;
static constexpr size_t chunk = 64 * 1024;
static constexpr double patience = 4;
static int loop, root;
static sockaddr_in second;
static bool stopping;

static double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/// A socket as an edge-triggered loop knows it: what it says once is remembered until EAGAIN.
struct Peer {
  int fd = -1;
  bool readable = false, writable = false, ended = false, failed = false;
  string in, out;

  void open(int number) {
    fd = number;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
    event.data.fd = fd;
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  }
  void close() {
    if (fd >= 0) ::close(fd);
    *this = {};
  }
  bool fill() {  // true if something came, the end included
    if (!readable || ended || failed || in.size() >= chunk) return false;
    char buffer[16384];
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return readable = false;
    if (got < 0) return failed = true;
    ended = got == 0;
    in.append(buffer, got);
    return true;
  }
  bool flush() {  // true if something went
    if (out.empty() || !writable || failed) return false;
    const ssize_t sent = send(fd, out.data(), out.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return writable = false;
    if (sent < 0) return failed = true;
    out.erase(0, sent);
    return true;
  }
};

static string lower(string text) {
  for (char& c : text) c = tolower(static_cast<unsigned char>(c));
  return text;
}

struct Head {
  string first, passed_on;
  std::map<string, string> fields;
  int wrong = 0, hosts = 0;

  explicit Head(const string& text) {
    static const std::regex field{R"(([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*))"};
    static const std::set<string> hops{"connection", "transfer-encoding", "host",   "keep-alive",
                                       "te",         "content-length",    "expect", "upgrade"};
    size_t at = text.find("\r\n");
    first = text.substr(0, at);
    for (at += 2; at < text.size();) {
      const size_t end = text.find("\r\n", at);
      const string line = text.substr(at, end - at);
      at = end + 2;
      if (line.empty()) break;
      std::smatch part;
      if (line.size() > 16384) {
        wrong = 431;
      } else if (!std::regex_match(line, part, field)) {
        wrong = 400;
      } else {
        const string name = lower(part[1]);
        if (name == "host") ++hosts;
        if (name == "content-length" && fields.count(name) && fields[name] != part[2]) wrong = 400;
        fields[name] = part[2];
        if (!hops.count(name)) passed_on += line + "\r\n";
      }
    }
    if (fields.count("content-length")) {
      const string& digits = fields["content-length"];
      if (digits.empty() || digits.find_first_not_of("0123456789") != string::npos) wrong = 400;
    }
  }
  bool says(const string& name, const string& word) {
    return fields.count(name) && lower(fields[name]).find(word) != string::npos;
  }
  long long length() {  // -1: none; larger than anything if it does not fit
    if (!fields.count("content-length")) return -1;
    return fields["content-length"].size() > 15 ? 1LL << 60 : std::stoll(fields["content-length"]);
  }
};

struct Client {
  Peer peer, far;
  double since = now();  // it got on
  bool head_begun = false, close_after = false, old = false, head_only = false, shut = false;
  bool body = false, relays = false, far_head = false, far_chunks = false;
  int file = -1, directory = -1, status = 0, unacknowledged = 0;
  long long left = 0, far_left = -1;
  string name, hidden, method;
  std::set<int>* numbers = nullptr;

  ~Client() { end_upload(false), end_file(), peer.close(), far.close(); }
  bool idle() const { return peer.out.empty() && file < 0 && !body && !relays && !head_begun; }
  bool over() const { return peer.failed || (peer.ended && (shut || idle()) && peer.in.empty()); }
  void end_file() {
    if (file >= 0) close(file);
    file = -1;
  }
  void end_upload(bool whole) {
    if (!body) return;
    body = false;
    struct stat about;
    status = fstatat(directory, name.c_str(), &about, 0) == 0 ? 204 : 201;
    if (!whole || renameat(directory, hidden.c_str(), directory, name.c_str()) < 0) status = 500;
    if (status == 500) unlinkat(directory, hidden.c_str(), 0);
    end_file();
    close(directory);
  }
  void start(int code, const string& fields) {
    peer.out += "HTTP/1.1 " + std::to_string(code) + " Said\r\n" + fields;
    if (close_after) peer.out += "Connection: close\r\n";
    if (!close_after && old) peer.out += "Connection: keep-alive\r\n";
    peer.out += "\r\n";
  }
  void page(int code, const string& fields = {}) {
    const string text = code == 204 ? "" : std::to_string(code) + "\n";
    start(code, fields + (code == 204 ? "" : "Content-Length: 4\r\n"));
    if (!head_only) peer.out += text;
  }
  void refuse(int code) {
    close_after = true;
    page(code);
  }

  void request(Head head) {
    std::smatch part;
    static const std::regex line{R"(([A-Z]+) ([^ ]+) HTTP/(\d)\.(\d))"};
    head_only = old = false, close_after = true;
    if (head.first.size() > 8192) return refuse(414);
    if (!std::regex_match(head.first, part, line)) return refuse(400);
    if (part[3] != "1") return refuse(505);
    if (head.wrong) return refuse(head.wrong);
    old = part[4] == "0", method = part[1], head_only = method == "HEAD";
    if (head.hosts > 1 || (!old && !head.hosts)) return refuse(400);
    if (head.fields.count("transfer-encoding")) return refuse(head.length() < 0 ? 411 : 400);
    const bool keeps =
        old ? head.says("connection", "keep-alive") : !head.says("connection", "close");
    close_after = !keeps || stopping || (method != "PUT" && head.length() > 0);
    const string target = part[2];
    if (method == "PUT") return put(target, head);
    if (method == "DELETE" || method == "POST" || method == "OPTIONS" || method == "PATCH")
      return page(405, "Allow: GET, HEAD, PUT\r\n");
    if (method != "GET" && !head_only) return page(501);
    if (second.sin_port && target.rfind("/upstream/", 0) == 0) return ask(target.substr(9), head);
    get(target);
  }

  /// Decodes a path and refuses what begins with a dot, or holds a slash or NUL in disguise.
  static bool plain(const string& target, string& path) {
    const string coded = target.substr(0, target.find('?'));
    for (size_t at = 0; at < coded.size(); ++at) {
      unsigned byte = static_cast<unsigned char>(coded[at]);
      if (byte == '%') {
        if (at + 2 >= coded.size() || !isxdigit(coded[at + 1]) || !isxdigit(coded[at + 2]))
          return false;
        byte = std::stoi(coded.substr(at + 1, 2), nullptr, 16), at += 2;
        if (byte == '/' || byte == 0) return false;
      }
      if (byte == '.' && (path.empty() || path.back() == '/')) return false;
      path += static_cast<char>(byte);
    }
    return true;
  }
  void get(const string& target) {
    string path;
    if (!plain(target, path)) return page(404);
    if (path.back() == '/') path += "index.html";
    // one step of the path after the other, none through a link
    int at = dup(root);
    struct stat about {};
    for (size_t from = 0; at >= 0 && from < path.size();) {
      const size_t end = std::min(path.find('/', from), path.size());
      const string step = path.substr(from, end - from);
      from = end + 1;
      if (step.empty()) continue;
      const int next = openat(at, step.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
      close(at);
      at = next;
    }
    if (at < 0) return page(404);
    fstat(at, &about);
    if (!S_ISREG(about.st_mode)) {
      close(at);
      return S_ISDIR(about.st_mode) ? page(301, "Location: " + path + "/\r\n") : page(404);
    }
    start(200, "Content-Type: " + string{type(path)} +
                   "\r\nContent-Length: " + std::to_string(about.st_size) + "\r\n");
    if (head_only) {
      close(at);
    } else {
      file = at, left = about.st_size;
    }
  }
  static const char* type(const string& path) {
    static const std::map<string, const char*> types{
        {"html", "text/html"}, {"css", "text/css"},          {"js", "text/javascript"},
        {"png", "image/png"},  {"json", "application/json"}, {"txt", "text/plain"},
        {"jpg", "image/jpeg"}};
    const auto found = types.find(path.substr(path.rfind('.') + 1));
    return found == types.end() ? "application/octet-stream" : found->second;
  }
  void put(const string& target, Head& head) {
    static int count = 0;
    string path;
    close_after = true;
    if (target.rfind("/upload/", 0) != 0) return page(405, "Allow: GET\r\n");
    if (!plain(target.substr(7), path) || path.size() < 2) return page(404);
    if (path.find('/', 1) != string::npos) return page(404);
    if (head.length() < 0) return page(411);
    if (head.length() > 16 << 20) return page(413);
    directory = openat(root, "upload", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    name = path.substr(1), hidden = ".put" + std::to_string(++count), left = head.length();
    file = openat(directory, hidden.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    body = true;
    close_after = stopping ||
                  (old ? !head.says("connection", "keep-alive") : head.says("connection", "close"));
    if (head.says("expect", "100-continue")) peer.out += "HTTP/1.1 100 Continue\r\n\r\n";
  }

  // -- the second server --------------------------------------------------------------------------
  void ask(const string& path, Head& head) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connect(fd, reinterpret_cast<sockaddr*>(&second), sizeof second);
    far.open(fd);
    far.out = method + " " + path + " HTTP/1.1\r\nHost: second\r\nConnection: close\r\n" +
              head.passed_on + "\r\n";
    relays = true, far_head = false, far_left = -1;
  }
  void no_answer(int code) {
    far.close();
    relays = false;
    if (far_head)
      peer.failed = true;
    else
      page(code);
  }
  void answered() {
    if (far_chunks && !old) peer.out += "0\r\n\r\n";
    far.close();
    relays = false;
  }
  bool hear() {  // true if it got on
    if (far.flush()) return true;
    if (far.failed) return no_answer(502), true;
    const bool more = far.fill();
    if (far.failed) return no_answer(502), true;
    if (!far_head) {
      const size_t end = far.in.find("\r\n\r\n");
      if (end == string::npos) return far.ended ? (no_answer(502), true) : more;
      Head head{far.in.substr(0, end + 4)};
      far.in.erase(0, end + 4);
      if (head.first.rfind("HTTP/1.", 0) != 0 || head.wrong) return no_answer(502), true;
      chunked_in = head.says("transfer-encoding", "chunked");
      far_left = chunked_in ? -1 : head.length();
      far_chunks = far_left < 0;
      close_after |= far_chunks && old;
      far_head = true;
      start(std::stoi(head.first.substr(9)),
            head.passed_on + (!far_chunks ? "Content-Length: " + std::to_string(far_left) + "\r\n"
                              : old       ? ""
                                          : "Transfer-Encoding: chunked\r\n"));
      if (head_only) far_chunks = false, answered();
      return true;
    }
    return chunked_in ? whole_chunk(more) : some(more);
  }
  void pass(const string& part) {
    char size[20]{};
    if (part.empty()) return;
    std::to_chars(size, size + 19, part.size(), 16);
    peer.out += far_chunks && !old ? size + ("\r\n" + part) + "\r\n" : part;
  }
  bool some(bool more) {
    const size_t size = far_left < 0 ? far.in.size() : std::min<size_t>(far.in.size(), far_left);
    pass(far.in.substr(0, size));
    far.in.erase(0, size);
    if (far_left >= 0) far_left -= size;
    if (far_left == 0 || (far.ended && far_left < 0)) return answered(), true;
    if (far.ended) return no_answer(502), true;
    return more || size > 0;
  }
  bool whole_chunk(bool more) {
    const size_t line = far.in.find("\r\n");
    const size_t size = line == string::npos ? 0 : strtoul(far.in.c_str(), nullptr, 16);
    if (line != string::npos && size == 0 && far.in.find("\r\n\r\n", line) != string::npos)
      return answered(), true;
    if (line != string::npos && size > 0 && far.in.size() >= line + size + 4) {
      pass(far.in.substr(line + 2, size));
      far.in.erase(0, line + size + 4);
      return true;
    }
    if (far.ended || size > chunk / 2) return no_answer(502), true;
    return more;
  }
  bool chunked_in = false;

  // -- one step; false: nothing can be done before the next edge ----------------------------------
  bool step() {
    if (peer.flush()) return got_on();
    if (!peer.out.empty()) return false;
    if (file >= 0 && !body) {
      string part(std::min<long long>(left, chunk), 0);
      if (left > 0 && read(file, part.data(), part.size()) != static_cast<ssize_t>(part.size()))
        return peer.failed = true;
      left -= part.size(), peer.out = part;
      if (left == 0) end_file();
      return true;
    }
    if (relays) return hear() ? got_on() : false;
    if (shut) return peer.in.clear(), peer.fill();
    if (close_after && replied && !body) {
      shutdown(peer.fd, SHUT_WR);
      return shut = true;
    }
    if (body && (left == 0 || !peer.in.empty())) {
      const size_t size = std::min<size_t>(peer.in.size(), left);
      if (size && write(file, peer.in.data(), size) != static_cast<ssize_t>(size))
        return peer.failed = true;
      peer.in.erase(0, size), left -= size;
      if (left == 0) end_upload(true), page(status);
      return got_on();
    }
    if (!body) {
      const size_t end = peer.in.find("\r\n\r\n");
      replied = end != string::npos || peer.in.size() > 32768;
      if (replied && end == string::npos) return refuse(431), true;
      if (replied) {
        const Head head{peer.in.substr(0, end + 4)};
        peer.in.erase(0, end + 4);
        request(head);
        head_begun = false;
        return got_on();
      }
      if (!peer.in.empty() && !head_begun) head_begun = true, got_on();
    }
    if (peer.ended) return peer.failed = true;
    return peer.fill();
  }
  bool got_on() {
    since = now();
    return true;
  }
  bool replied = false;

  void look_at_the_clock() {
    int waiting = 0;
    if (!peer.out.empty()) ioctl(peer.fd, SIOCOUTQ, &waiting);
    if (std::exchange(unacknowledged, waiting) > waiting) got_on();
    if (now() - since < patience) return;
    if (relays && peer.out.empty()) return no_answer(504), void(got_on());
    if (head_begun && !shut && peer.out.empty())
      return head_begun = false, replied = true, refuse(408), void(got_on());
    peer.failed = true;
  }
};

int main(int argc, char** argv) {
  string directory = ".";
  for (int at = 2; at + 1 < argc; at += 2) {
    if (!strcmp(argv[at], "--root")) directory = argv[at + 1];
    if (strcmp(argv[at], "--upstream")) continue;
    char* colon = strrchr(argv[at + 1], ':');
    second.sin_family = AF_INET, second.sin_port = htons(atoi(colon + 1));
    inet_pton(AF_INET, string(argv[at + 1], colon).c_str(), &second.sin_addr);
  }
  root = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  loop = epoll_create1(EPOLL_CLOEXEC);
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGTERM), sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  Peer signals, listener;
  signals.open(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  sockaddr_in here{};
  here.sin_family = AF_INET, here.sin_port = htons(atoi(argv[1])),
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, reinterpret_cast<sockaddr*>(&here), sizeof here) < 0 || listen(server, 4096) < 0)
    return 1;
  listener.open(server);

  std::map<int, std::unique_ptr<Client>> clients;
  std::set<int> ready;
  double end = 0, looked = now();
  while (!stopping || (!clients.empty() && now() < end)) {
    epoll_event events[64];
    const int wait = !ready.empty() ? 0 : clients.empty() ? -1 : stopping ? 50 : 500;
    const int many = epoll_wait(loop, events, 64, wait);
    for (int at = 0; at < many; ++at) {
      const int fd = events[at].data.fd;
      if (fd == signals.fd) {
        stopping = true, end = now() + 2;
      } else if (fd != server) {
        for (auto& [number, client] : clients) {
          Peer& peer = number == fd ? client->peer : client->far;
          if (peer.fd != fd) continue;
          peer.readable |= events[at].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
          peer.writable |= events[at].events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
          if (events[at].events & EPOLLERR && number == fd) peer.failed = true;
          ready.insert(number);
        }
      }
    }
    for (int fd; listener.fd >= 0 &&
                 (fd = accept4(server, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      (clients[fd] = std::make_unique<Client>())->peer.open(fd);
    }
    if (stopping) listener.close();
    for (const int fd : std::exchange(ready, {})) {
      if (!clients.count(fd)) continue;
      Client& client = *clients[fd];
      int steps = 16;
      while (steps > 0 && !client.over() && client.step()) --steps;
      if (steps == 0) ready.insert(fd);
      if (client.over()) clients.erase(fd);
    }
    if (now() - looked < (stopping ? 0.05 : 0.4)) continue;
    looked = now();
    for (auto at = clients.begin(); at != clients.end();) {
      Client& client = *at->second;
      client.look_at_the_clock();
      ready.insert(at->first);
      const bool leaves =
          client.over() || (stopping && client.idle() && looked - client.since > 0.2);
      at = leaves ? clients.erase(at) : std::next(at);
    }
  }
}
