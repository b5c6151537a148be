package dev.rowtide.gateway.presence;

import static dev.rowtide.gateway.presence.ChannelPresenceTest.chosen;
import static dev.rowtide.gateway.presence.ChannelPresenceTest.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.gateway.presence.ChannelPresence.Changes;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.presence.ChannelPresence.Page;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random events against a model that is as slow and as plain as it can be. And a reader that knows only what {@link ChannelPresence#drain} told it has to
 * end up with the same users.
 */
final class ChannelPresencePropertyTest {
    private static final int GRACE = 10;
    private static final int LISTED = 3;

    /** The definition, by looking at everyone every time. */
    private static final class Model {
        private static final class Someone {
            int connections;
            long graceUntil = -1;

            @Nullable
            String chosen;
        }

        final Map<String, Someone> online = new LinkedHashMap<>();

        void join(String user, @Nullable String chosen) {
            Someone someone = online.computeIfAbsent(user, u -> new Someone());
            someone.connections++;
            someone.graceUntil = -1;
            if (chosen != null) {
                someone.chosen = chosen;
            }
        }

        void leave(String user, End end, long now) {
            Someone someone = online.get(user);
            someone.connections--;
            if (end == End.UNCLEAN) {
                someone.graceUntil = now + GRACE;
            }
            sweep(now, false);
        }

        void sweep(long now, boolean expire) {
            online.values().forEach(someone -> {
                if (expire && someone.graceUntil <= now) {
                    someone.graceUntil = -1;
                }
            });
            online.values().removeIf(someone -> someone.connections == 0 && someone.graceUntil < 0);
        }

        List<OnlineUser> users() {
            List<OnlineUser> users = new ArrayList<>();
            online.forEach((name, someone) -> users.add(ChannelPresenceTest.user(name, someone.chosen)));
            return users;
        }

        long nextDeadline() {
            return online.values().stream()
                    .mapToLong(someone -> someone.graceUntil)
                    .filter(deadline -> deadline >= 0)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }
    }

    @Test
    void randomEventsGiveWhatTheDefinitionGives() {
        int drained = 0;
        for (int seed = 0; seed < 100; seed++) {
            drained += run(new Random(seed), "seed " + seed);
        }
        assertThat(drained).as("the events did something").isGreaterThan(3_000);
    }

    private static int run(Random random, String seed) {
        ChannelPresence presence = new ChannelPresence(GRACE, LISTED);
        Model model = new Model();
        Map<String, OnlineUser> reader = new LinkedHashMap<>();
        long now = 0;
        int changes = 0;
        for (int step = 0; step < 300; step++) {
            now += random.nextInt(4);
            String name = "u" + random.nextInt(8);
            String json = random.nextBoolean() ? null : "{\"v\":" + random.nextInt(3) + "}";
            PresenceMetadata metadata = json == null ? plain(name) : chosen(name, json);
            Model.@Nullable Someone someone = model.online.get(name);
            boolean connected = someone != null && someone.connections > 0;
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    presence.join(name, metadata);
                    model.join(name, json);
                }
                case 2, 3 -> {
                    if (connected) {
                        End end = random.nextBoolean() ? End.CLEAN : End.UNCLEAN;
                        presence.leave(name, end, now);
                        model.leave(name, end, now);
                    }
                }
                case 4 -> {
                    if (json != null) {
                        presence.update(name, metadata);
                        if (someone != null && connected) {
                            someone.chosen = json;
                        }
                    }
                }
                default -> {
                    presence.expire(now);
                    model.sweep(now, true);
                }
            }
            List<OnlineUser> expected = model.users();
            assertThat(presence.onlineCount()).as(seed).isEqualTo(expected.size());
            assertThat(presence.listed()).as(seed).isEqualTo(expected.subList(0, Math.min(LISTED, expected.size())));
            assertThat(presence.nextDeadlineMillis()).as(seed).isEqualTo(model.nextDeadline());
            assertThat(allPages(presence, 1 + random.nextInt(4))).as(seed).isEqualTo(expected);
            if (random.nextInt(5) == 0) {
                changes += apply(presence.drain(), reader, seed);
                assertThat(reader.values()).as(seed).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
        return changes;
    }

    private static int apply(Changes changes, Map<String, OnlineUser> reader, String seed) {
        changes.join()
                .forEach(user ->
                        assertThat(reader.put(user.userId(), user)).as(seed).isNull());
        changes.update()
                .forEach(user -> assertThat(reader.put(user.userId(), user))
                        .as(seed)
                        .isNotNull()
                        .isNotEqualTo(user));
        changes.leave()
                .forEach(user ->
                        assertThat(reader.remove(user.userId())).as(seed).isEqualTo(user));
        return (int) Stream.of(changes.join(), changes.update(), changes.leave())
                .mapToLong(List::size)
                .sum();
    }

    private static List<OnlineUser> allPages(ChannelPresence presence, int limit) {
        List<OnlineUser> all = new ArrayList<>();
        String cursor = null;
        do {
            Page page = presence.page(limit, cursor);
            all.addAll(page.users());
            cursor = page.next();
        } while (cursor != null);
        return all;
    }
}
