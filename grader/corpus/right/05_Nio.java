// right: 05 epoll_echo
// build: javac -d {output} {source}
// run: java -cp {output} Nio {port}
// needs: default-jdk-headless
// unlike the reference: a Selector; interest in reading or in writing, never in both; JVM threads
//
// As in 01_Sockets.java the listener stands in /proc/net/tcp6. Out of descriptors it does not watch
// its listener until a client has left, or a second has passed.

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class Nio {
  private final Selector selector = Selector.open();
  private final ServerSocketChannel listener = ServerSocketChannel.open();
  private final SelectionKey accepting;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean stopping;

  Nio(int port) throws IOException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
    listener.bind(new InetSocketAddress("127.0.0.1", port), 1024); // SO_REUSEADDR is on
    listener.configureBlocking(false);
    accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  public static void main(String[] arguments) throws IOException {
    new Nio(Integer.parseInt(arguments[0])).run();
  }

  /** Runs in a thread of its own on SIGTERM. Without halt() the status would be 143. */
  private void stop() {
    stopping = true;
    selector.wakeup();
    try {
      finished.await(1600, TimeUnit.MILLISECONDS); // and the JVM takes 0.3 s to end
    } catch (InterruptedException error) {
      // leave all the same
    }
    Runtime.getRuntime().halt(0);
  }

  private void run() throws IOException {
    while (true) {
      boolean paused = accepting.isValid() && accepting.interestOps() == 0;
      int count = selector.select(paused ? 1000 : 0);
      if (count == 0)
        resume();
      for (SelectionKey key : selector.selectedKeys()) {
        if (key.isValid() && key.isAcceptable())
          accept();
        else if (key.isValid())
          serve(key);
      }
      selector.selectedKeys().clear();
      if (stopping) {
        listener.close();
        selector.selectNow(); // only now is the listener's descriptor closed
        if (selector.keys().isEmpty())
          finished.countDown();
      }
    }
  }

  private void resume() {
    if (accepting.isValid())
      accepting.interestOps(SelectionKey.OP_ACCEPT);
  }

  private void accept() {
    try {
      SocketChannel client = listener.accept();
      if (client == null)
        return;
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(24576));
    } catch (IOException error) {
      accepting.interestOps(0); // out of descriptors: until a client leaves, or a second has passed
    }
  }

  private void serve(SelectionKey key) throws IOException {
    var client = (SocketChannel) key.channel();
    var buffer = (ByteBuffer) key.attachment();
    try {
      if (key.isReadable()) {
        if (client.read(buffer.clear()) < 0)
          throw new IOException("end of file");
        buffer.flip();
      }
      client.write(buffer);
      key.interestOps(buffer.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    } catch (IOException error) {
      client.close();
      resume();
    }
  }
}
