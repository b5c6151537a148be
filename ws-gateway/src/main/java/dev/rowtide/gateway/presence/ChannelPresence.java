package dev.rowtide.gateway.presence;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is online on one channel.
 *
 * <p>A user is online from the first connection's {@link #join} until the last one's {@link #leave}, and, if any of its connections ended {@linkplain
 * End#UNCLEAN uncleanly}, until the grace period after that is over as well; a join in that time ends the waiting, so a page reload is seen by
 * nobody.
 *
 * <p>A user's connections show one metadata. The latest connection's identity counts; what a client chose stays until a connection of that user
 * chooses something else, by joining with metadata or by {@link #update}; a further tab that chooses nothing changes nothing. An empty object is a
 * choice.
 *
 * <p>For one thread. Times are arguments, in milliseconds of a clock that does not go back. Every method that changes something returns whether there is something
 * for {@link #drain}, which says what changed since the last drain: a caller can tell at once, or gather changes for a while.
 *
 * <p>No call costs more for a channel with more users, except by a logarithm, {@link #listed} and {@link #page} by the number of users they return, and
 * {@link #drain} by the number that changed.
 */
public final class ChannelPresence {

    /**
     * What others have to be told. A user is in one list at most. Who left is listed with what was last shown of it.
     */
    public record Changes(List<OnlineUser> join, List<OnlineUser> update, List<OnlineUser> leave) {
        public boolean isEmpty() {
            return join.isEmpty() && update.isEmpty() && leave.isEmpty();
        }
    }

    /** @param next cursor of the next page, null if this is the last */
    public record Page(List<OnlineUser> users, @Nullable String next) {}

    /** How a connection's membership ended. */
    public enum End {
        /** Unsubscribed, or closed with 1000: no grace period. */
        CLEAN,
        /** Anything else, also 1001, which is what a page reload sends: the user gets the grace period. */
        UNCLEAN
    }

    private static final int CURSOR_RADIX = 36;

    private static final class User {
        final String userId;
        // Place in the order of joining. Never used twice, so a page's cursor stays valid after its user left.
        final long place;
        int connections;
        PresenceMetadata metadata;
        OnlineUser shown;

        User(String userId, long place, PresenceMetadata metadata) {
            this.userId = userId;
            this.place = place;
            this.metadata = metadata;
            this.shown = new OnlineUser(userId, metadata.json());
        }
    }

    private final long leaveGraceMillis;
    private final int maxListedUsers;

    private final Map<String, User> users = new HashMap<>();
    private final TreeMap<Long, User> byPlace = new TreeMap<>();
    private long nextPlace;

    // When a user's grace period ends. The period is the same for all, so the order of insertion is the order of the
    // deadlines.
    private final Map<String, Long> graceUntil = new LinkedHashMap<>();

    // What others were last told about a user that changed since; null if that it was not here.
    private final Map<String, @Nullable OnlineUser> told = new LinkedHashMap<>();

    private @Nullable List<OnlineUser> listed;
    private long lastListedPlace;

    /** @param leaveGraceMillis 0 for none */
    public ChannelPresence(long leaveGraceMillis, int maxListedUsers) {
        this.leaveGraceMillis = leaveGraceMillis;
        this.maxListedUsers = maxListedUsers;
    }

    /** A connection of this user came; once per connection. */
    public boolean join(String userId, PresenceMetadata metadata) {
        graceUntil.remove(userId);
        User user = users.get(userId);
        if (user == null) {
            user = new User(userId, nextPlace++, metadata);
            told.putIfAbsent(userId, null);
            users.put(userId, user);
            byPlace.put(user.place, user);
            listChanges(user);
        } else {
            show(user, metadata.after(user.metadata));
        }
        user.connections++;
        return !told.isEmpty();
    }

    /** A connection's identity, or what its client chose, is another from now on. Nothing happens if the user has no connection here. */
    public boolean update(String userId, PresenceMetadata metadata) {
        User user = users.get(userId);
        if (user != null && user.connections > 0) {
            show(user, metadata.after(user.metadata));
        }
        return !told.isEmpty();
    }

    /**
     * A connection of this user went; once per {@link #join}.
     *
     * @throws IllegalStateException if the user has no connection here
     */
    public boolean leave(String userId, End end, long nowMillis) {
        User user = users.get(userId);
        if (user == null || user.connections == 0) {
            throw new IllegalStateException("a connection leaves that never joined");
        }
        user.connections--;
        if (end == End.UNCLEAN && leaveGraceMillis > 0) {
            // Removed first: a key that is there would keep its old place in the order.
            graceUntil.remove(userId);
            graceUntil.put(userId, nowMillis + leaveGraceMillis);
        }
        if (user.connections == 0 && !graceUntil.containsKey(userId)) {
            remove(user);
        }
        return !told.isEmpty();
    }

    /** Lets those leave whose grace period is over. */
    public boolean expire(long nowMillis) {
        Iterator<Map.Entry<String, Long>> periods = graceUntil.entrySet().iterator();
        while (periods.hasNext()) {
            Map.Entry<String, Long> period = periods.next();
            if (period.getValue() > nowMillis) {
                break;
            }
            periods.remove();
            User user = users.get(period.getKey());
            if (user != null && user.connections == 0) {
                remove(user);
            }
        }
        return !told.isEmpty();
    }

    /** When {@link #expire} has something to do, {@link Long#MAX_VALUE} for never. */
    public long nextDeadlineMillis() {
        return graceUntil.isEmpty()
                ? Long.MAX_VALUE
                : graceUntil.values().iterator().next();
    }

    /** What changed since the last call, as the difference: who joined and left in between is in no list. */
    public Changes drain() {
        List<OnlineUser> join = new ArrayList<>();
        List<OnlineUser> update = new ArrayList<>();
        List<OnlineUser> leave = new ArrayList<>();
        told.forEach((userId, before) -> {
            User user = users.get(userId);
            if (user != null && before == null) {
                join.add(user.shown);
            } else if (user != null && !user.shown.equals(before)) {
                update.add(user.shown);
            } else if (user == null && before != null) {
                leave.add(before);
            }
        });
        told.clear();
        return new Changes(join, update, leave);
    }

    /** Who is online, in the order of joining, at most {@code maxListedUsers}; the same list object as long as it stays the same. */
    public List<OnlineUser> listed() {
        if (listed == null) {
            List<OnlineUser> list = new ArrayList<>(Math.min(users.size(), maxListedUsers));
            lastListedPlace = Long.MAX_VALUE;
            for (User user : byPlace.values()) {
                if (list.size() == maxListedUsers) {
                    break;
                }
                list.add(user.shown);
                lastListedPlace = user.place;
            }
            if (list.size() < maxListedUsers) {
                // There is room: whoever comes next belongs to it.
                lastListedPlace = Long.MAX_VALUE;
            }
            listed = List.copyOf(list);
        }
        return listed;
    }

    /** How many are online; exact. */
    public int onlineCount() {
        return users.size();
    }

    /**
     * A page of who is online, in the order of joining. Who is online while all pages are read is in exactly one of them.
     *
     * @param limit 1 or more
     * @throws IllegalArgumentException if the cursor is not one
     */
    public Page page(int limit, @Nullable String cursor) {
        long after = cursor == null ? -1 : placeOf(cursor);
        List<OnlineUser> page = new ArrayList<>();
        long last = after;
        for (User user : byPlace.tailMap(after, false).values()) {
            if (page.size() == limit) {
                return new Page(List.copyOf(page), Long.toString(last, CURSOR_RADIX));
            }
            page.add(user.shown);
            last = user.place;
        }
        return new Page(List.copyOf(page), null);
    }

    private static long placeOf(String cursor) {
        try {
            long place = Long.parseLong(cursor, CURSOR_RADIX);
            if (place >= 0) {
                return place;
            }
        } catch (NumberFormatException e) {
            // Said below, with what a negative number gets.
        }
        throw new IllegalArgumentException("cursor is not one that this server gave: start again without one");
    }

    /** Whether nobody is online and nothing waits for {@link #drain}: it can be thrown away. */
    public boolean isEmpty() {
        return users.isEmpty() && told.isEmpty();
    }

    private void show(User user, PresenceMetadata metadata) {
        user.metadata = metadata;
        if (!metadata.json().equals(user.shown.metadataJson())) {
            rememberAsTold(user);
            user.shown = new OnlineUser(user.userId, metadata.json());
            listChanges(user);
        }
    }

    private void remove(User user) {
        rememberAsTold(user);
        users.remove(user.userId);
        byPlace.remove(user.place);
        listChanges(user);
    }

    // Not putIfAbsent: it would overwrite the null of somebody who joined since the last drain.
    private void rememberAsTold(User user) {
        if (!told.containsKey(user.userId)) {
            told.put(user.userId, user.shown);
        }
    }

    private void listChanges(User user) {
        if (user.place <= lastListedPlace) {
            listed = null;
        }
    }
}
