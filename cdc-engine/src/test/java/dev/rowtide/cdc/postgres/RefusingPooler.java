package dev.rowtide.cdc.postgres;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a connection pooler does to replication connections: refuses the start-up parameter, and passes everything else on. */
final class RefusingPooler implements AutoCloseable {
    private static final int MAX_STARTUP = 10_000;
    private static final int PROTOCOL_3 = 3 << 16;

    private final int serverPort;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    RefusingPooler(int serverPort) throws IOException {
        this.serverPort = serverPort;
        run("accept", () -> {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                run("client", () -> serve(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // A socket was closed: the end of this thread's work.
                    }
                },
                "refusing-pooler-" + name);
        threads.add(thread);
        thread.start();
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        while (true) {
            int length = in.readInt();
            byte[] body = in.readNBytes(Math.min(length, MAX_STARTUP) - Integer.BYTES);
            int code = ByteBuffer.wrap(body).getInt();
            if (code >>> 16 != PROTOCOL_3 >>> 16) {
                out.write('N'); // no encryption of any kind
                continue;
            }
            if (new String(body, StandardCharsets.UTF_8).contains("replication")) {
                byte[] fields = "SFATAL\0C08P01\0Munsupported startup parameter: replication\0\0"
                        .getBytes(StandardCharsets.UTF_8);
                out.write('E');
                out.writeInt(Integer.BYTES + fields.length);
                out.write(fields);
                client.close();
                return;
            }
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
            sockets.add(server);
            DataOutputStream toServer = new DataOutputStream(server.getOutputStream());
            toServer.writeInt(length);
            toServer.write(body);
            run("answers", () -> server.getInputStream().transferTo(out));
            in.transferTo(toServer);
            server.close();
            return;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
