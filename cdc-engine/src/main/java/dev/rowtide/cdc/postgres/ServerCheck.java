package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.Finding;
import java.util.ArrayList;
import java.util.List;

/** Whether the server can give its log to anybody. */
final class ServerCheck {
    private static final int MIN_VERSION = 14;
    private static final int SPARE = 4;

    private ServerCheck() {}

    /** What makes every further question pointless. */
    static List<Finding> unusable(Server server) {
        if (server.version() < MIN_VERSION) {
            return List.of(Finding.error(
                    "server",
                    "this is PostgreSQL " + server.version() + ", and " + MIN_VERSION
                            + " or later is needed: only since then can a bridge tell an idle database to recycle its log. Upgrade"
                            + " the server"));
        }
        if (server.recovery()) {
            return List.of(Finding.error(
                    "server",
                    "this is a standby, where neither a publication nor the heartbeat's messages can be written: give the"
                            + " address of the primary"));
        }
        return List.of();
    }

    static List<Finding> examine(Server server, SlotFacts slots) {
        List<Finding> findings = new ArrayList<>();
        if (!server.walLevel().equals("logical")) {
            findings.add(
                    server.rdsLogicalReplication() == null
                            ? Finding.error(
                                    "server",
                                    "wal_level is " + server.walLevel()
                                            + " and must be logical, else the log does not hold"
                                            + " what changed in a row: set it and restart the server",
                                    "ALTER SYSTEM SET wal_level = 'logical'")
                            : Finding.error(
                                    "server",
                                    "wal_level is " + server.walLevel()
                                            + " and must be logical: set rds.logical_replication in"
                                            + " the instance's parameter group and reboot the instance",
                                    "rds.logical_replication = 1"));
        }
        if (slots.ours() == null && slots.count() >= server.maxSlots()) {
            findings.add(Finding.error(
                    "server",
                    "all " + server.maxSlots()
                            + " replication slots (max_replication_slots) are taken, and one more is needed:"
                            + " drop one that nobody reads (see pg_replication_slots), or raise the limit and restart the server",
                    "ALTER SYSTEM SET max_replication_slots = " + (slots.count() + SPARE)));
        }
        boolean reading = slots.ours() != null && slots.ours().activePid() != 0;
        if (!reading && server.walSenders() >= server.maxWalSenders()) {
            findings.add(Finding.error(
                    "server",
                    "all " + server.maxWalSenders()
                            + " connections for reading the log (max_wal_senders) are taken, and one"
                            + " more is needed: raise the limit and restart the server",
                    "ALTER SYSTEM SET max_wal_senders = " + (server.walSenders() + SPARE)));
        }
        return findings;
    }
}
