package dev.rowtide.app.config;

import java.util.List;

/** A configuration as it was written, before anybody has asked what it means. */
sealed interface ConfigTree {

    Origin origin();

    /** What this is, for a sentence: {@code a list}. */
    String noun();

    /**
     * A single value.
     *
     * @param text as written, without quotes; empty for no value
     * @param quoted whether it stood in quotes, and so is text whatever it looks like
     */
    record Scalar(String text, boolean quoted, Origin origin) implements ConfigTree {

        /** Whether nothing was given: {@code key:} or {@code key: null}. */
        boolean isEmpty() {
            return !quoted && (text.isEmpty() || text.equals("null") || text.equals("~"));
        }

        @Override
        public String noun() {
            return "a single value";
        }
    }

    /** A list. */
    record Items(List<ConfigTree> items, Origin origin) implements ConfigTree {
        @Override
        public String noun() {
            return "a list";
        }
    }

    /** Keys and their values, in order; no key is there twice. */
    record Section(List<Entry> entries, Origin origin) implements ConfigTree {
        @Override
        public String noun() {
            return "a section with keys";
        }
    }

    /** Something whose mistake has been reported already; whoever meets it says nothing more. */
    record Broken(Origin origin) implements ConfigTree {
        @Override
        public String noun() {
            return "unreadable";
        }
    }

    /** One key of a section. */
    record Entry(String key, Origin origin, ConfigTree value) {}
}
