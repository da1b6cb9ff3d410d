// The stages of a run. Each is bounded: by its own time, by --connect-timeout, by --give-up.
#include "run.hpp"

#include <algorithm>
#include <cstdio>

#include "descriptors.hpp"
#include "json.hpp"
#include "report.hpp"

namespace load {

namespace {
constexpr std::size_t attempts = 256;  // under way at once: fewer than any backlog
constexpr unsigned spare = 32;         // descriptors that are no connections

bool idle(const Connection& connection) {
  return connection.silent && connection.state == Connection::State::resting;
}

/// While nothing is sent, whoever started this can look at the server with all its clients.
void wait_for_end_of_input() {
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
}
}  // namespace

Run::Run(const Options& options)
    : options_{(make_room(options.connections + options.idle + spare), options)},
      client_{options} {}

bool Run::operator()() {
  connect_all();
  if (client_.alive > 0) {
    if (options_.until_served) greet();
    if (options_.warm_up > 0) warm_up();
    window();
    leave();
  }
  report();
  return client_.tally.fine() && !gave_up_;
}

/// Waits once, at most until `end`, and sends what is due.
void Run::step(Time end) {
  client_.pace->act(now_);
  if (options_.progress) show_progress();
  const Time until = std::min({end, client_.pace->next(), now_ + std::chrono::milliseconds{100}});
  client_.engine->wait(std::max(until - now_, Duration::zero()));
  now_ = Clock::now();
  ++looked_;
}

void Run::connect_all() {
  const Time begin = client_.progress = now_, end = begin + seconds(options_.connect_timeout);
  auto next = client_.connections.begin();
  const auto all = client_.connections.end();
  while ((next != all || client_.connecting > 0) && now_ < end && !given_up()) {
    while (next != all && client_.connecting < attempts && client_.tally.refused == 0)
      client_.connect(*next++);
    if (client_.tally.refused > 0 && client_.connecting == 0) break;
    step(end);
  }
  nobody_ = client_.tally.refused > 0 && client_.tally.established == 0;
  client_.give_up_connecting();
  if (next != all) {
    client_.tally.failed += static_cast<std::uint64_t>(all - next);
    client_.tally.errors["connect: not tried any more"] += static_cast<std::uint64_t>(all - next);
  }
  began_with_ = client_.alive;
  Object{}
      .add("event", "connected")
      .add("connections", client_.alive)
      .add("idle", std::ranges::count_if(client_.connections, idle))
      .add("failed_connections", client_.tally.failed)
      .add("seconds", in_seconds(now_ - begin))
      .print();
}

/// Works until `end`, until all messages have come back, or until nothing can come any more.
void Run::work(Time end) {
  while (now_ < end && !client_.complete() && client_.alive > 0 && !given_up()) step(end);
}

/// A reply or a connection has been owed for too long, by all of them.
bool Run::given_up() const {
  const bool owed = client_.asking + client_.connecting > 0;
  return owed && now_ - client_.progress > seconds(options_.give_up);
}

void Run::warm_up() {
  client_.enter(Client::Stage::warming_up, now_);
  work(now_ + seconds(options_.warm_up));
}

/// Waits until each connection has had a reply, as long as there are newly served ones. A server
/// that takes one newcomer at a time is not kept from it by the others.
void Run::greet() {
  const Duration patience = seconds(options_.give_up);
  client_.greet(now_);
  while (client_.served < client_.alive && now_ - client_.newest < patience)
    step(client_.newest + patience);
}

void Run::window() {
  Object{}.add("event", "begin").add("at", in_seconds(Clock::now().time_since_epoch())).print();
  const Effort before = Effort::now(looked_);
  now_ = Clock::now();
  client_.enter(Client::Stage::window, now_);
  work(options_.seconds > 0 ? now_ + seconds(options_.seconds) : Time::max());
  effort_ = Effort::now(looked_).since(before);
  behind_ = client_.pace->behind(now_);
  gave_up_ = given_up();
  client_.enter(Client::Stage::leaving, now_);
  Object{}
      .add("event", "end")
      .add("at", in_seconds(Clock::now().time_since_epoch()))
      .add("messages", client_.tally.messages)
      .print();
  if (options_.hold) wait_for_end_of_input();
  now_ = client_.progress = Clock::now();
}

/// Lets those finish who are still owed a reply, and closes each as it has it. As long as replies
/// come they may take longer than --give-up, but not for ever.
void Run::leave() {
  const Time end = now_ + 10 * seconds(options_.give_up);
  client_.leave();
  while (client_.asking > 0 && !gave_up_ && now_ < end && !given_up()) step(end);
  client_.count_unanswered();
}

void Run::show_progress() {
  const Duration passed = now_ - shown_;
  if (passed < std::chrono::milliseconds{500}) return;
  const std::uint64_t messages = client_.tally.messages_in_all;
  std::fprintf(stderr, "\r%zu connections, %llu messages, %.0f/s   ", client_.alive,
               static_cast<unsigned long long>(messages),
               double(messages - shown_messages_) / in_seconds(passed));
  shown_ = now_;
  shown_messages_ = messages;
}

void Run::report() {
  const Tally& tally = client_.tally;
  if (options_.progress) std::fprintf(stderr, "\n");
  const std::string why = bottleneck(options_, effort_, behind_);
  counted(tally, effort_.wall)
      .add("connections", began_with_)
      .add("size", options_.size)
      .add("loop", options_.rate > 0 ? "open" : "closed")
      .add("rate", options_.rate)
      .add("engine", options_.uring ? "uring" : "epoll")
      .add("load_cpu_seconds", effort_.ran)
      .add("load_cpu_per_message_us",
           tally.messages > 0 ? effort_.ran * 1e6 / double(tally.messages) : 0)
      .add("busy", effort_.busy())
      .add("waited_for_cpu", effort_.waited())
      .add("fell_behind", behind_)
      .add("bottleneck", !why.empty())
      .add("why", why)
      .add("gave_up", gave_up_)
      .add("first_wrong", tally.first_wrong)
      .print();
  if (nobody_)
    std::fprintf(stderr, "error: nobody listens on %s:%u (connect: Connection refused)\n",
                 options_.address.c_str(), options_.port);
}

}  // namespace load
