package dev.rowtide.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Many WebSocket clients that cost as little as Java allows, so that the server is measured and not they: frames are counted by their headers, payloads are
 * skipped unread (RFC 6455, section 5.2), and only a PING is answered.
 *
 * <p>A few of them, spread evenly and the last one among them, are <em>probes</em>, in a selector of their own: they can be looked at all the time while the others
 * are drained now and then, many frames a read. Not thread-safe, but for {@link #delivered}; {@link #startReading} hands it to a thread.
 */
final class Subscribers implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int OPCODE = 0x0f;
    private static final int PING = 9;
    private static final int CLOSE = 8;
    /** A PONG without a payload, masked with zeros. */
    private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};

    private final List<Peer> peers = new ArrayList<>();
    private final Selector probes = Selector.open();
    private final Selector others = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private long probeDelivered;
    private @Nullable Thread reader;
    private volatile boolean closing;

    private Subscribers() throws IOException {}

    /** Connects them one after the other; each is subscribed when this returns. */
    static Subscribers connect(int port, String channel, int count, int probeCount) throws IOException {
        Subscribers all = new Subscribers();
        for (int i = 0; i < count; i++) {
            boolean probe = (long) (i + 1) * probeCount / count != (long) i * probeCount / count;
            all.open(port, channel, i, probe);
        }
        return all;
    }

    /** Connects them one after the other, and subscribes none. */
    static Subscribers connected(int port, int count) throws IOException {
        Subscribers all = new Subscribers();
        for (int i = 0; i < count; i++) {
            SocketChannel socket = all.connect(port, i, false);
            socket.configureBlocking(false);
            socket.register(all.others, SelectionKey.OP_READ, all.peers.get(i));
        }
        return all;
    }

    /** A connection by itself, blocking, that is subscribed to some columns. */
    static SocketChannel subscribed(int port, String channel, int number, String columnsJson) throws IOException {
        SocketChannel socket = shaken(port, number);
        write(
                socket,
                frame("{\"type\":\"subscribe\",\"channel\":\"" + channel
                        + "\",\"payload\":{\"presence\":\"none\",\"columns\":" + columnsJson + "}}"));
        String answer = readText(socket);
        if (!answer.contains("\"subscribed\"")) {
            throw new IOException("not subscribed: " + answer);
        }
        return socket;
    }

    /** Has one of them say something, before anybody reads, and returns what is answered. */
    String ask(String text) throws IOException {
        Peer peer = peers.get(0);
        SelectionKey key = peer.socket.keyFor(others);
        key.cancel();
        others.selectNow();
        peer.socket.configureBlocking(true);
        write(peer.socket, frame(text));
        String answer = readText(peer.socket);
        peer.socket.configureBlocking(false);
        peer.socket.register(others, SelectionKey.OP_READ, peer);
        return answer;
    }

    /** Has all of them say the same. */
    void sendAll(String text) throws IOException {
        byte[] frame = frame(text);
        for (Peer peer : peers) {
            write(peer.socket, frame);
        }
    }

    private void open(int port, String channel, int number, boolean probe) throws IOException {
        SocketChannel socket = connect(port, number, probe);
        write(
                socket,
                frame("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\",\"payload\":{\"presence\":\"none\"}}"));
        String answer = readText(socket);
        if (!answer.contains("\"subscribed\"")) {
            throw new IOException("not subscribed: " + answer);
        }
        socket.configureBlocking(false);
        socket.register(probe ? probes : others, SelectionKey.OP_READ, peers.get(number));
    }

    private SocketChannel connect(int port, int number, boolean probe) throws IOException {
        SocketChannel socket = shaken(port, number);
        peers.add(new Peer(socket, probe));
        return socket;
    }

    private static SocketChannel shaken(int port, int number) throws IOException {
        SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        write(
                socket,
                ("GET /realtime?userId=bench-" + number + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        readHandshake(socket);
        return socket;
    }

    /** Byte by byte, so that nothing of what follows is taken. */
    private static void readHandshake(SocketChannel socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n", answer.length() - 4) < 0) {
            answer.append((char) read(socket, 1).get());
        }
        if (!answer.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException("refused: " + answer);
        }
    }

    /** The payload of the next frame, which is short. */
    private static String readText(SocketChannel socket) throws IOException {
        int length = read(socket, 2).get(1);
        if (length == 126) {
            length = read(socket, 2).getShort() & 0xffff;
        }
        return StandardCharsets.UTF_8.decode(read(socket, length)).toString();
    }

    private static ByteBuffer read(SocketChannel socket, int length) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(length);
        while (in.hasRemaining()) {
            if (socket.read(in) < 0) {
                throw new EOFException("closed by the server");
            }
        }
        return in.flip();
    }

    private static byte[] frame(String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        int header = payload.length < 126 ? 2 : 4;
        ByteBuffer frame = ByteBuffer.allocate(header + 4 + payload.length).put((byte) 0x81);
        if (header == 2) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        // A mask of zeros is legal and leaves the payload as it is.
        return frame.putInt(0).put(payload).array();
    }

    private static void write(SocketChannel socket, byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            socket.write(out);
        }
    }

    /** How many messages have arrived at all of them together. */
    long delivered() {
        return delivered.get();
    }

    /** How many bytes. */
    long bytes() {
        return bytes.get();
    }

    /** How many messages have arrived at the probes together. */
    long probeDelivered() {
        return probeDelivered;
    }

    /** Looks at the probes without waiting. */
    void pollProbes() throws IOException {
        probes.selectNow(this::readable);
    }

    /** Takes everything that waits for the others. */
    void drainOthers() throws IOException {
        others.selectNow(this::readable);
    }

    /**
     * From now on a thread of its own reads.
     *
     * @param pause between two looks, so that reading costs little; zero reads at once
     */
    void startReading(Duration pause) {
        Thread thread = new Thread(() -> readAlways(pause), "subscribers");
        thread.setDaemon(true);
        thread.start();
        reader = thread;
    }

    private void readAlways(Duration pause) {
        try {
            while (!closing) {
                probes.selectNow(this::readable);
                if (pause.isZero()) {
                    others.select(this::readable, 100);
                } else {
                    others.selectNow(this::readable);
                    TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                }
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("a subscriber broke: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readable(SelectionKey key) {
        try {
            ((Peer) key.attachment()).read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        Thread thread = reader;
        if (thread != null) {
            others.wakeup();
            try {
                thread.join(TimeUnit.SECONDS.toMillis(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (Peer peer : peers) {
            // Without lingering: thousands of closed connections that wait would disturb the next run.
            peer.socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            peer.socket.close();
        }
        probes.close();
        others.close();
    }

    /** One of them: where in the frames it is. */
    private final class Peer {
        private final SocketChannel socket;
        private final boolean probe;
        private final byte[] header = new byte[10];
        private int headerLength;
        private long toSkip;

        Peer(SocketChannel socket, boolean probe) {
            this.socket = socket;
            this.probe = probe;
        }

        void read() throws IOException {
            buffer.clear();
            int read = socket.read(buffer);
            if (read < 0) {
                throw new EOFException("closed by the server");
            }
            bytes.addAndGet(read);
            buffer.flip();
            int messages = 0;
            while (buffer.hasRemaining()) {
                if (toSkip > 0) {
                    int skipped = (int) Math.min(toSkip, buffer.remaining());
                    buffer.position(buffer.position() + skipped);
                    toSkip -= skipped;
                    continue;
                }
                header[headerLength++] = buffer.get();
                if (headerLength == headerNeeded()) {
                    int opcode = header[0] & OPCODE;
                    if (opcode == PING) {
                        write(socket, PONG);
                    } else if (opcode == CLOSE) {
                        throw new EOFException("the server said goodbye");
                    } else {
                        messages++;
                    }
                    toSkip = payloadLength();
                    headerLength = 0;
                }
            }
            delivered.addAndGet(messages);
            if (probe) {
                probeDelivered += messages;
            }
        }

        private int headerNeeded() {
            return headerLength < 2 ? 2 : header[1] == 126 ? 4 : header[1] == 127 ? 10 : 2;
        }

        private long payloadLength() {
            ByteBuffer bytes = ByteBuffer.wrap(header);
            return header[1] == 126 ? bytes.getShort(2) & 0xffff : header[1] == 127 ? bytes.getLong(2) : header[1];
        }
    }
}
