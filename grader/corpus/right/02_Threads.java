// right: 02 threaded_echo
// build: javac -d {output} {source}
// run: java -cp {output} Threads {port}
// unlike the reference: JVM, which has 20 threads of its own, and starts and ends some meanwhile

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

class Threads {
    static void echo(Socket socket) {
        try (Socket client = socket) {
            client.setTcpNoDelay(true);
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException gone) {
            // this client only
        }
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        try (ServerSocket listener =
                new ServerSocket(port, 100, InetAddress.getByName("127.0.0.1"))) {
            while (true) {
                try {
                    Socket client = listener.accept();
                    new Thread(() -> echo(client)).start();
                } catch (IOException tooMany) {
                    Thread.sleep(50);
                }
            }
        }
    }
}
