// How the one thread moves bytes: what the engines (epoll, io_uring) have in common.
#pragma once

#include "connection.hpp"
#include "pattern.hpp"

namespace load {

/// Is told what happens to connections. May close or restart the connection that it is told of.
class Listener {
 public:
  virtual void connected(Connection& connection) = 0;
  virtual void received(Connection& connection, Bytes bytes) = 0;
  /// error     a value of errno; 0: the server closed.
  virtual void lost(Connection& connection, int error) = 0;

 protected:
  ~Listener() = default;
};

/// Does the system calls. It never waits but in wait(), and allocates nothing for a message.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Begins to connect `connection`, whose socket is new.
  virtual void connect(Connection& connection) = 0;
  /// Sends what the connection has promised and not sent, now or as soon as the kernel takes it.
  virtual void send(Connection& connection) = 0;
  /// Closes the socket; nothing more is told about it.
  virtual void close(Connection& connection) = 0;
  /// Waits for something to happen, at most `longest`, and tells the listener all of it.
  virtual void wait(Duration longest) = 0;
};

}  // namespace load
