package dev.rowtide.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The inside of a process that {@link ChildProcess#ask} talks to: a command a line on the standard input, an answer a line on the standard output. It ends with its input. */
final class Commands {
    static final String DONE = "done ";
    static final String FAILED = "failed ";

    /** Does one command. */
    interface Handler {
        Figures handle(String[] words) throws Exception;
    }

    private Commands() {}

    static void serve(Handler handler) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = input.readLine()) != null) {
            String answer;
            try {
                answer = DONE + handler.handle(line.split(" "));
            } catch (Exception | UnsatisfiedLinkError e) {
                e.printStackTrace();
                answer = FAILED + e;
            }
            System.out.println(answer.replace('\n', ' '));
            System.out.flush();
        }
    }
}
