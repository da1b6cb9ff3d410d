// right: 02 prethreaded_echo
// build: javac -d {output} {source}
// run: java -cp {output} Pool {port}
// unlike the reference: JVM with 20 threads of its own; an ArrayBlockingQueue

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

class Pool {
    static void work(BlockingQueue<Socket> queue) {
        while (true) {
            try (Socket client = queue.take()) {
                client.setTcpNoDelay(true);
                client.getInputStream().transferTo(client.getOutputStream());
            } catch (IOException | InterruptedException gone) {
                // this client only
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]), workers = Integer.parseInt(arguments[2]);
        BlockingQueue<Socket> queue = new ArrayBlockingQueue<>(workers);
        for (int number = 0; number < workers; number++) {
            new Thread(() -> work(queue)).start();
        }
        try (ServerSocket listener =
                new ServerSocket(port, 100, InetAddress.getByName("127.0.0.1"))) {
            while (true) {
                queue.put(listener.accept());
            }
        }
    }
}
