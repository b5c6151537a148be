package dev.rowtide.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rowtide tail}: what a client would get, as JSON lines. */
@Command(
        name = "tail",
        description = {
            "Prints what is sent to channels, one JSON object a line.",
            "Comes back by itself when the bridge restarts. What is meant for people goes to the standard error."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            ExitCode.DONE_TEXT,
            "1:refused by the bridge; the standard error says why",
            ExitCode.MISTAKE_TEXT,
            "130:ended by Ctrl-C"
        },
        footer = {
            "",
            "Examples:",
            "  rowtide tail resource:posts              all changes of a resource",
            "  rowtide tail posts:42 chat               one record, and a channel of your own",
            "  rowtide tail resource:posts | jq .payload.data",
            "  ROWTIDE_TOKEN=… rowtide tail --url wss://rowtide.example.com/realtime resource:posts"
        })
final class TailCommand implements Callable<Integer> {
    static final String DEFAULT_URL = "ws://127.0.0.1:3001/realtime";

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "CHANNEL",
            description = "resource:NAME, NAME:ID, or a channel of your own.")
    private List<String> channels = List.of();

    @Option(names = "--url", description = "Where the bridge is; " + DEFAULT_URL + " by default.")
    private String url = DEFAULT_URL;

    @Option(
            names = "--token",
            description = "The token to bring. Or ROWTIDE_TOKEN, which the list of processes does not show.")
    private @Nullable String token;

    @Option(names = "--presence", description = "Take part in presence: be seen, and print who comes and goes.")
    private boolean presence;

    @Option(
            names = "--raw",
            description = "Print every message as it comes, also answers, heartbeats and what is sent again.")
    private boolean raw;

    TailCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException {
        String credential = token == null ? environment.get("ROWTIDE_TOKEN") : token;
        // Not System.out: it swallows the broken pipe that should end us.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        Tail tail = new Tail(
                address(),
                credential,
                List.copyOf(new LinkedHashSet<>(channels)),
                presence,
                new LineOutput(out, raw),
                spec.commandLine().getErr());
        tail.run();
        return ExitCode.DONE;
    }

    private URI address() {
        try {
            URI address = new URI(url);
            if (("ws".equals(address.getScheme()) || "wss".equals(address.getScheme())) && address.getHost() != null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw CommandFailure.mistake("'" + url + "' is not the address of a bridge. Write it like " + DEFAULT_URL);
    }
}
