package dev.rowtide.app.cli;

import dev.rowtide.app.Bridge;
import dev.rowtide.app.ConsolePage;
import dev.rowtide.app.PolicyCheck;
import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rowtide serve}: the bridge, until it is asked to stop. */
@Command(
        name = "serve",
        description = {
            "Runs the bridge: tails the database's log and sends each committed change to its subscribers.",
            "PostgreSQL needs wal_level = logical and a role with REPLICATION; SQLite needs the file. 'rowtide doctor' says what is missing, and what mends it."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {ExitCode.DONE_TEXT, ExitCode.FAILED_TEXT, ExitCode.MISTAKE_TEXT},
        footer = {
            "",
            "Examples:",
            "  rowtide serve --database postgres://user@localhost:5432/shop",
            "  rowtide serve --database sqlite:./app.db",
            "  PGPASSWORD=… rowtide serve --database postgres://user@db:5432/shop --port 8080",
            "  ROWTIDE_DATABASE=postgres://… rowtide serve --config rowtide.yaml",
            "",
            "SIGTERM or Ctrl-C stops it: clients are told to come back, and the position is stored."
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Option(names = "--host", description = "The address to listen on; 127.0.0.1 by default.")
    private @Nullable String host;

    @Option(names = "--port", description = "The TCP port to listen on; 3001 by default, 0 takes a free one.")
    private @Nullable String port;

    ServeCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ConfigException, IOException, InterruptedException {
        Map<String, @Nullable String> given = new HashMap<>();
        given.put("host", host);
        given.put("port", port);
        AppConfig config = options.load(environment, given);
        if (options.showsPassword()) {
            LOG.warn(
                    "The password in --database can be read by everybody on this machine in the list of processes: use PGPASSWORD"
                            + " or ROWTIDE_DATABASE");
        }
        Bridge bridge = bridge(config);
        // The doctor's checks before anything runs: what only a person can mend stops here, with the words of "rowtide
        // doctor".
        FindingReport report = new FindingReport(
                config.source().examine(config.dataDirectory(), PolicyCheck.conditions(config.gateway())));
        report.log(LOG);
        if (report.stopsStart()) {
            throw CommandFailure.failed("nothing was started: the database is not ready for it, see the errors above");
        }
        if (report.hasErrors()) {
            LOG.warn("Starting nevertheless, and trying until the database can be reached");
        }
        start(bridge);
        // Before anybody is told that it runs: who reads that may already stop it.
        CountDownLatch stopped = closeOnSignal(bridge);
        introduce(config, bridge.port(), spec.commandLine().getOut());
        stopped.await();
        return ExitCode.DONE;
    }

    private static Bridge bridge(AppConfig config) {
        try {
            return new Bridge(config);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.mistake(String.valueOf(e.getMessage()));
        }
    }

    private static void start(Bridge bridge) throws IOException {
        try {
            bridge.start();
        } catch (IOException | RuntimeException e) {
            bridge.close();
            throw e;
        }
    }

    /** SIGTERM and Ctrl-C close the bridge, on the hook's thread, which the JVM waits for; then the process ends. */
    private static CountDownLatch closeOnSignal(Bridge bridge) {
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    bridge.close();
                    stopped.countDown();
                    // Asked to stop and stopped is success; without this the code would be 128 + the signal's number.
                    Runtime.getRuntime().halt(ExitCode.DONE);
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        return stopped;
    }

    private static void introduce(AppConfig config, int port, PrintWriter out) {
        String host = reachable(config.gateway().host());
        String path = config.gateway().path();
        String address = "ws://" + host + ":" + port + path;
        boolean byDefault = address.equals(TailCommand.DEFAULT_URL);
        out.println("Rowtide is listening on " + address);
        out.println("  database   " + config.source().displayName());
        out.println("  resources  " + resources(config.source()));
        if (ConsolePage.isServed(config)) {
            out.println("  console    http://" + host + ":" + port + "/");
        }
        out.println("  state      http://" + host + ":" + port + "/health/ready");
        out.println("  try        " + Launched.command() + " tail " + (byDefault ? "" : "--url " + address + " ")
                + "resource:" + example(config.source()));
    }

    /** An address that listens everywhere is no address to connect to. */
    private static String reachable(String host) {
        if (host.equals("0.0.0.0") || host.equals("::")) {
            return "127.0.0.1";
        }
        return host.indexOf(':') >= 0 ? '[' + host + ']' : host;
    }

    private static String resources(SourceConfig source) {
        return source.allTables()
                ? source.unnamedResources()
                : source.resources().stream().map(ResourceConfig::name).collect(Collectors.joining(", "));
    }

    private static String example(SourceConfig source) {
        return source.allTables() ? "TABLE" : source.resources().get(0).name();
    }
}
