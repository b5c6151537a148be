package dev.rowtide.gateway;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A WebSocket peer that may do everything wrong: it writes and reads frames byte by byte. */
final class RawPeer implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;
    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    private static final int TIMEOUT_MILLIS = 10_000;

    /** A frame from the server. */
    record Frame(int firstByte, byte[] payload) {
        int opcode() {
            return firstByte & 0xF;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        int closeCode() {
            return (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
        }
    }

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    final String responseHead;
    int pings;

    /** @param receiveBufferBytes SO_RCVBUF, 0 leaves it to the system */
    RawPeer(int port, int receiveBufferBytes, String extraHeaders) throws IOException {
        socket = new Socket();
        if (receiveBufferBytes > 0) {
            // Before connecting, or the window has been announced already.
            socket.setReceiveBufferSize(receiveBufferBytes);
        }
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        out = socket.getOutputStream();
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out.write(("GET /realtime?userId=raw HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + extraHeaders + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            head.write(in.readByte());
        }
        responseHead = head.toString(StandardCharsets.US_ASCII);
    }

    RawPeer(int port) throws IOException {
        this(port, 0, "");
    }

    void send(int firstByte, byte[] payload) throws IOException {
        out.write(frame(firstByte, payload));
    }

    void sendText(String json) throws IOException {
        send(FIN | TEXT, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** A masked frame; the mask is zero, so the payload stays as it is. */
    static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length < 65_536) {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        frame.writeBytes(new byte[4]);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** The next frame that is no PING; those are counted, and not answered. */
    Frame read() throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            long length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] payload = new byte[(int) length];
            in.readFully(payload);
            Frame frame = new Frame(first, payload);
            if (frame.opcode() != PING) {
                return frame;
            }
            pings++;
        }
    }

    String readText() throws IOException {
        Frame frame = read();
        if (frame.firstByte() != (FIN | TEXT)) {
            throw new AssertionError("expected a whole text frame, got opcode " + frame.opcode()
                    + (frame.opcode() == CLOSE ? " " + frame.closeCode() : ""));
        }
        return frame.text();
    }

    /** Reads to the end; the code of the CLOSE frame, or 1006 if there was none. */
    int readToClose() {
        try {
            while (true) {
                Frame frame = read();
                if (frame.opcode() == CLOSE) {
                    return frame.closeCode();
                }
            }
        } catch (EOFException e) {
            return 1006;
        } catch (IOException e) {
            if (e instanceof java.net.SocketTimeoutException) {
                throw new UncheckedIOException(e);
            }
            return 1006;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
