package dev.rowtide.sqlite.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The states that the database had, in order, as its writers saw them; and where among them the events have come to. Each commit must lead to the next state, a resync to a later one.
 */
final class States {
    /**
     * @param digests what each table held
     * @param progress the sum of the writers' counters
     * @param free whether commits behind it were not watched, up to the next state
     */
    private record State(Map<String, String> digests, long progress, boolean free, String step) {}

    private final List<State> states = new ArrayList<>();
    /** Where the consumer may be: states can recur, so there may be more than one place. */
    private TreeSet<Integer> places = new TreeSet<>();

    /** A state that a writer saw. Equal ones are one. */
    void add(Map<String, String> digests, long progress, String step) {
        if (states.isEmpty() || last().free || !last().digests.equals(digests)) {
            states.add(new State(digests, progress, false, step));
        }
    }

    /** What is committed from now on, up to the next {@link #add}, is not watched commit by commit. */
    void beginFree() {
        State last = states.remove(states.size() - 1);
        states.add(new State(last.digests, last.progress, true, last.step));
    }

    private State last() {
        return states.get(states.size() - 1);
    }

    /** Whether a consumer that has come so far may be among the commits behind a state that were not watched. */
    private boolean within(int place, long progress) {
        return states.get(place).free
                && states.get(place).progress <= progress
                && (place + 1 == states.size() || progress <= states.get(place + 1).progress);
    }

    /** The consumer begins at a state that it was given whole. */
    void startAt(Map<String, String> digests, long progress, boolean anywhere) {
        int from = anywhere || places.isEmpty() ? 0 : places.first();
        places = new TreeSet<>();
        for (int i = from; i < states.size(); i++) {
            if (states.get(i).digests.equals(digests) || within(i, progress)) {
                places.add(i);
            }
        }
        if (places.isEmpty()) {
            throw new Model.Contradiction("the snapshot is no state that the database had since state " + from + "; "
                    + difference(states.size() - 1, digests));
        }
    }

    /** A commit was replayed. */
    void commit(Map<String, String> before, Map<String, String> after, long progress) {
        var next = new TreeSet<Integer>();
        for (int place : places) {
            if (within(place, progress) || (!states.get(place).free && before.equals(after))) {
                next.add(place);
            }
            if (place + 1 < states.size() && states.get(place + 1).digests.equals(after)) {
                next.add(place + 1);
            }
        }
        require(next, after, "commit");
    }

    /** Many commits came as one. */
    void resync(Map<String, String> after, long progress) {
        var next = new TreeSet<Integer>();
        for (int i = places.first(); i < states.size(); i++) {
            if (within(i, progress) || states.get(i).digests.equals(after)) {
                next.add(i);
            }
        }
        require(next, after, "resync");
    }

    private void require(TreeSet<Integer> next, Map<String, String> after, String what) {
        if (next.isEmpty()) {
            var text = new StringBuilder(
                    "after this " + what + " the rows are no state that the database had; before it we were at ");
            text.append(places).append(" of ").append(states.size());
            for (int place = places.first(); place < Math.min(places.first() + 4, states.size()); place++) {
                text.append("\n  against state ")
                        .append(place)
                        .append(" (")
                        .append(states.get(place).step)
                        .append("): ");
                text.append(difference(place, after));
            }
            throw new Model.Contradiction(text.toString());
        }
        places = next;
    }

    private String difference(int place, Map<String, String> digests) {
        var text = new StringBuilder();
        Map<String, String> expected = states.get(place).digests;
        var names = new TreeSet<>(expected.keySet());
        names.addAll(digests.keySet());
        for (String name : names) {
            if (!java.util.Objects.equals(expected.get(name), digests.get(name))) {
                text.append("\n    ").append(name).append(": the database had ").append(expected.get(name));
                text.append(", the events make ").append(digests.get(name));
            }
        }
        return text.isEmpty() ? "the same" : text.toString();
    }

    /** Whether the events have come to the newest state. */
    boolean caughtUp() {
        return places.contains(states.size() - 1);
    }

    /** How the newest state differs from this one. */
    String behind(Map<String, String> digests) {
        return states.isEmpty() ? "there is none" : difference(states.size() - 1, digests);
    }

    @Override
    public String toString() {
        return "at " + places + " of " + states.size();
    }
}
