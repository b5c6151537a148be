package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The slot: whether it is ours, whether the log that it needs is still there, and how much of the disk it holds. */
final class SlotCheck {
    /** From here on a slot that nobody reads is worth a word: sixteen segments of 16 MiB. */
    private static final long MUCH_BYTES = 256L << 20;

    private static final int KIBI = 1024;

    private SlotCheck() {}

    static List<Finding> examine(PostgresSource source, SlotFacts slots) {
        List<Finding> findings = new ArrayList<>();
        if (slots.ours() != null) {
            findings.addAll(ours(source, slots.ours(), slots.maxKeptMegabytes()));
        }
        for (SlotFacts.Slot slot : slots.leftovers()) {
            findings.add(Finding.warning(
                    subject(slot),
                    "nobody reads this slot, which looks like one of ours under an earlier name, and it keeps "
                            + size(slot.keptBytes())
                            + " of log on the disk, more with every write: drop it if no bridge needs it",
                    drop(slot)));
        }
        return findings;
    }

    /** Whether it is one that the bridge would have made, and not somebody else's of the same name. */
    static boolean isOurs(PostgresSource source, SlotFacts.Slot slot) {
        return "pgoutput".equals(slot.plugin()) && source.address().database().equals(slot.database());
    }

    private static List<Finding> ours(PostgresSource source, SlotFacts.Slot slot, long maxKeptMegabytes) {
        if (!isOurs(source, slot)) {
            return List.of(Finding.error(
                    subject(slot),
                    "this slot belongs to something else ("
                            + (slot.plugin() == null
                                    ? "physical replication"
                                    : "plugin " + slot.plugin() + ", database " + slot.database())
                            + "): choose another name with postgres.slot"));
        }
        if (slot.walStatus().equals("lost")) {
            return List.of(Finding.warning(
                    subject(slot),
                    "the server threw away log that was not yet read (the slot was unread for too long or fell behind by more than"
                            + " max_slot_wal_keep_size): changes are missing. The next start makes the slot anew and tells every"
                            + " subscriber to fetch its data again; raise the limit if it happens again",
                    drop(slot)));
        }
        List<Finding> findings = new ArrayList<>();
        if (slot.walStatus().equals("unreserved") && slot.safeBytes() != null) {
            findings.add(Finding.warning(
                    subject(slot),
                    "the slot is behind by " + size(slot.keptBytes()) + ", more than max_slot_wal_keep_size ("
                            + size(maxKeptMegabytes << 20)
                            + "), and is lost at the next checkpoint: raise the limit, and"
                            + (slot.activePid() == 0 ? " start the bridge" : " see why the bridge is slow"),
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '" + 2 * (slot.keptBytes() >> 20) + "MB'",
                    "SELECT pg_reload_conf()"));
        }
        if (slot.activePid() != 0) {
            findings.add(Finding.info(
                    subject(slot),
                    "it is being read by server process " + slot.activePid() + " (" + slot.reader() + "), and keeps "
                            + size(slot.keptBytes()) + " of log; a second bridge would wait"));
        } else if (slot.keptBytes() >= MUCH_BYTES) {
            findings.add(Finding.warning(
                    subject(slot),
                    "nobody reads this slot, and it keeps " + size(slot.keptBytes())
                            + " of log on the disk, more with every write:"
                            + " start the bridge, or run `rowtide drop-slot` if it is not to come back",
                    drop(slot)));
        }
        if (maxKeptMegabytes < 0) {
            findings.add(Finding.info(
                    subject(slot),
                    "max_slot_wal_keep_size sets no limit to the log that is kept for a bridge that is down: it can fill the disk. With"
                            + " a limit, a bridge that stayed away for too long tells its subscribers to fetch their data again",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'",
                    "SELECT pg_reload_conf()"));
        }
        return findings;
    }

    private static String subject(SlotFacts.Slot slot) {
        return "slot " + slot.name();
    }

    private static String drop(SlotFacts.Slot slot) {
        return "SELECT pg_drop_replication_slot('" + slot.name() + "')";
    }

    static String size(long bytes) {
        double value = bytes;
        for (String unit : List.of("bytes", "KiB", "MiB", "GiB")) {
            if (value < KIBI) {
                return unit.equals("bytes") ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, unit);
            }
            value /= KIBI;
        }
        return String.format(Locale.ROOT, "%.1f TiB", value);
    }
}
