package dev.rowtide.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The bridge as its users start it: the finished jar with the launcher's JVM options, on a free port. */
final class BridgeProcess implements AutoCloseable {
    private static final long READY_SECONDS = 90;
    private static final int OK = 200;

    private final ChildProcess process;
    private final int port;

    private BridgeProcess(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Returns when changes flow. */
    static BridgeProcess start(Settings settings, Database database, Path directory)
            throws IOException, InterruptedException {
        return start(settings, database.url(), directory);
    }

    /** The same, for the database of a URL. */
    static BridgeProcess start(Settings settings, String databaseUrl, Path directory)
            throws IOException, InterruptedException {
        ChildProcess process = ChildProcess.start(
                List.of(
                        ChildProcess.java(),
                        // As in the launcher.
                        "-Duser.timezone=UTC",
                        "-Dfile.encoding=UTF-8",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        settings.jar().toString(),
                        "dev.rowtide.app.cli.Main",
                        "serve",
                        "--port",
                        "0",
                        "--data-dir",
                        directory.resolve("data").toString()),
                Map.of("ROWTIDE_DATABASE", databaseUrl, "ROWTIDE_LOG_LEVEL", "warn"),
                directory);
        try {
            String line = process.awaitLine("listening on");
            BridgeProcess bridge = new BridgeProcess(
                    process, URI.create(line.substring(line.indexOf("ws://"))).getPort());
            bridge.awaitReady();
            return bridge;
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .build();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        HttpResponse<String> answer;
        while ((answer = http.send(request, HttpResponse.BodyHandlers.ofString())).statusCode() != OK) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the bridge is not ready: " + answer.body());
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    ProcessUse use() {
        return ProcessUse.of(pid());
    }

    @Override
    public void close() {
        process.close();
    }
}
