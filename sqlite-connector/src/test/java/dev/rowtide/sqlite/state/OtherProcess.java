package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs a main class of these tests in a process of its own. */
final class OtherProcess {
    private OtherProcess() {}

    static Process start(List<String> options, Class<?> main, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        // Otherwise the logger speaks of itself where the test listens.
        command.add("-Dlogback.configurationFile=connector-tests-logback.xml");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Runs it to its end, and returns what it printed. */
    static String run(List<String> options, Class<?> main, Object... arguments) throws IOException {
        Process process = start(options, main, arguments);
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }

    static String run(Class<?> main, Object... arguments) throws IOException {
        return run(List.of("-XX:TieredStopAtLevel=1"), main, arguments);
    }
}
