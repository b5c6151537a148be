package dev.rowtide.sqlite.fuzz;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A database, a user of it, and a tail with its replay: for tests that have a plot. */
final class FollowedDatabase {
    final Path dir;
    final Path database;
    final Path state;
    final Path offset;
    final States states = new States();
    final Replay replay = new Replay(states);
    final Writer.Jdbc writer;
    /** Everything that tails have said. */
    final List<String> said = new ArrayList<>();

    Tail tail;

    FollowedDatabase(Path dir) {
        this.dir = dir;
        database = dir.resolve("app.db");
        state = dir.resolve("state");
        offset = dir.resolve("offset");
        writer = new Writer.Jdbc(database, dir.resolve("writer.log"));
    }

    /** Runs statements that must succeed; what they committed is a state that the tail has to come to. */
    void exec(String... statements) {
        for (String sql : statements) {
            String error = writer.exec(sql);
            if (error != null) {
                throw new AssertionError(error + " at " + sql);
            }
        }
    }

    void committed(String what) {
        var digests = writer.digests();
        states.add(digests, writer.progress(), what);
    }

    void startTail(TailOptions options) throws InterruptedException {
        tail = Tail.start(database, state, offset, dir.resolve("tail.log"), 96, options);
        replay.expectStart(false);
        tail.expectProgress();
        while (!replay.begun() && !tail.drained()) {
            pump();
        }
    }

    void awaitCaughtUp() throws InterruptedException {
        tail.expectProgress();
        while (!replay.caughtUp()) {
            if (tail.drained()) {
                throw new AssertionError("the tail has ended:\n" + tail.log());
            }
            pump();
        }
    }

    private void pump() throws InterruptedException {
        String line = tail.poll(20);
        while (line != null) {
            said.add(line);
            replay.line(line);
            line = tail.poll(0);
        }
        tail.requireProgress();
    }

    /** Closes it in good order, and takes what it still has to say. */
    void stopTail() throws InterruptedException {
        tail.askToStop();
        tail.expectProgress();
        while (!tail.drained()) {
            pump();
        }
    }

    void killTail() throws InterruptedException {
        tail.kill();
        while (!tail.drained()) {
            pump();
        }
    }

    void end() throws InterruptedException {
        if (tail != null) {
            tail.kill();
        }
        writer.kill();
    }
}
