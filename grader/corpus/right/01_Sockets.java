// right: 01 blocking_echo
// run: java {source} {port}
// needs: default-jdk-headless
// unlike the reference: Java in source mode: slow to start, twenty threads of the JVM's own
//
// The listener is an IPv6 socket bound to ::ffff:127.0.0.1, so it stands in /proc/net/tcp6. The
// main thread of the process is not Java's: another one blocks in accept and recv.

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

class Sockets {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    try (var listener = new ServerSocket(port, 128, InetAddress.getByName("127.0.0.1"))) {
      while (true) {
        Socket client;
        try {
          client = listener.accept();
        } catch (IOException error) { // out of descriptors, or the client has gone
          Thread.sleep(100);
          continue;
        }
        try (client) {
          client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException error) {
          // reset by the client
        }
      }
    }
  }
}
