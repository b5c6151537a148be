package dev.rowtide.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.app.demo.Demo;
import dev.rowtide.feed.SourceHealth;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rowtide demo}: something to look at, until it is asked to stop. */
@Command(
        name = "demo",
        description = {
            "Makes a small shop's SQLite database in a temporary folder, runs the bridge on it, and works in the shop: orders come in, are paid, and shipped.",
            "Needs no server and no configuration, and reads none. Ctrl-C ends it and removes everything."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {ExitCode.DONE_TEXT, ExitCode.FAILED_TEXT, ExitCode.MISTAKE_TEXT},
        footer = {
            "",
            "Examples:",
            "  rowtide demo",
            "  rowtide demo --port 8080",
            "  TMPDIR=/var/tmp rowtide demo             the folder elsewhere"
        })
final class DemoCommand implements Callable<Integer> {
    private static final String SQLITE_SHELL = "sqlite3";

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Option(names = "--port", description = "The TCP port to listen on; 3001 by default, 0 takes a free one.")
    private String port = "3001";

    DemoCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ConfigException, InterruptedException {
        logOnlyTrouble();
        PrintWriter out = spec.commandLine().getOut();
        Demo demo = new Demo(Launched.temporaryFolder(environment), port, Clock.systemUTC());
        // Before there is anything to remove.
        Thread hook = closeOnSignal(demo);
        out.println("Making a small shop, and starting the bridge on its database…");
        try {
            Path database = demo.open();
            SourceHealth health = demo.awaitChanges();
            if (health.state() != SourceHealth.State.STOPPED) {
                if (!health.ready()) {
                    throw CommandFailure.failed("no changes flow: " + health.sentence());
                }
                introduce(database, demo.port(), out);
            }
        } catch (ConfigException | RuntimeException e) {
            giveUp(demo, hook);
            throw e;
        } catch (IOException e) {
            giveUp(demo, hook);
            String next = e instanceof Demo.CannotListenException
                    ? ". For example: " + Launched.command() + " demo --port 8080"
                    : "";
            throw CommandFailure.failed(e.getMessage() + next);
        }
        // The hook ends the process.
        new CountDownLatch(1).await();
        return ExitCode.DONE;
    }

    /** What serve tells an operator at its start is noise here; who wants it says so in ROWTIDE_LOG_LEVEL. */
    private void logOnlyTrouble() {
        if (!environment.containsKey("ROWTIDE_LOG_LEVEL")
                && LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.WARN);
        }
    }

    /** SIGTERM, Ctrl-C and a closed terminal end the demo on the hook's thread, which the JVM waits for. */
    private static Thread closeOnSignal(Demo demo) {
        Thread hook = new Thread(
                () -> {
                    demo.close();
                    // Asked to stop and stopped is success.
                    Runtime.getRuntime().halt(ExitCode.DONE);
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /** The process ends by itself, with its own exit code; unless somebody has just asked it to stop, which the hook does. */
    private static void giveUp(Demo demo, Thread hook) throws InterruptedException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            hook.join();
        }
        demo.close();
    }

    private void introduce(Path database, int boundPort, PrintWriter out) {
        String address = "ws://127.0.0.1:" + boundPort + "/realtime";
        String url = address.equals(TailCommand.DEFAULT_URL) ? "" : "--url " + address + " ";
        String file = Launched.shellWord(database.toString());
        String shell = Launched.isOnPath(SQLITE_SHELL, environment) ? SQLITE_SHELL : Launched.command() + " sql";
        out.println();
        out.println("  console    http://127.0.0.1:" + boundPort + "/");
        out.println("  websocket  " + address);
        out.println("  database   " + database);
        out.println("  resources  customers, products, orders, order_items");
        out.println();
        out.println("Watch the orders, in a second terminal:");
        out.println("  " + Launched.command() + " tail " + url + "resource:orders");
        out.println();
        out.println("Change one yourself, in a third:");
        out.println("  " + shell + " " + file + " \"" + Demo.exampleUpdate() + "\"");
        out.println();
        out.println("Ctrl-C ends it and removes everything.");
    }
}
