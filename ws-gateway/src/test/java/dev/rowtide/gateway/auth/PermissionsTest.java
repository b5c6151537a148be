package dev.rowtide.gateway.auth;

import static dev.rowtide.gateway.auth.AuthConfig.Action.BROADCAST;
import static dev.rowtide.gateway.auth.AuthConfig.Action.PRESENCE;
import static dev.rowtide.gateway.auth.AuthConfig.Action.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.rowtide.feed.Channel;
import dev.rowtide.gateway.auth.AuthConfig.Action;
import dev.rowtide.gateway.auth.AuthConfig.ChannelRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PermissionsTest {
    private static final Identity ANN = user("ann");

    @Test
    void withoutRulesEverythingIsAllowed() {
        Permissions permissions = new Permissions(List.of());
        for (Action action : Action.values()) {
            assertThat(permissions.allows(ANN, new Channel("resource:post"), action))
                    .isTrue();
        }
    }

    @Test
    void withRulesWhatNoneMatchesIsForbidden() {
        Permissions permissions = new Permissions(List.of(rule("room:*", Set.of(), SUBSCRIBE)));
        assertThat(permissions.allows(ANN, new Channel("room:1"), SUBSCRIBE)).isTrue();
        assertThat(permissions.allows(ANN, new Channel("room:1"), BROADCAST)).isFalse();
        assertThat(permissions.allows(ANN, new Channel("resource:post"), SUBSCRIBE))
                .isFalse();
    }

    @Test
    void theFirstRuleWhosePatternAndRoleMatchDecides() {
        Permissions permissions = new Permissions(List.of(
                rule("secret:*", Set.of("admin", "auditor"), SUBSCRIBE, BROADCAST),
                rule("secret:*", Set.of()),
                rule("*", Set.of(), SUBSCRIBE, PRESENCE)));
        Channel secret = new Channel("secret:plans");
        assertThat(permissions.allows(user("root", "admin"), secret, BROADCAST)).isTrue();
        assertThat(permissions.allows(user("root", "x", "auditor"), secret, SUBSCRIBE))
                .isTrue();
        assertThat(permissions.allows(user("root", "admin"), secret, PRESENCE))
                .as("decided by the first rule, not added up")
                .isFalse();
        assertThat(permissions.allows(user("joe", "editor"), secret, SUBSCRIBE)).isFalse();
        assertThat(permissions.allows(ANN, secret, SUBSCRIBE)).isFalse();
        assertThat(permissions.allows(ANN, new Channel("lobby"), SUBSCRIBE)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "resource:post, resource:post, ann, true",
        "resource:post, resource:posts, ann, false",
        "resource:post, Resource:post, ann, false",
        "*, anything, ann, true",
        "room:*, room:, ann, true",
        "room:*, room, ann, false",
        "*:1, room:1, ann, true",
        "a*b*c, abc, ann, true",
        "a*b*c, aXbYc, ann, true",
        "a*b*c, acb, ann, false",
        "ab*ba, aba, ann, false",
        "ab*ba, abba, ann, true",
        "**, x, ann, true",
        "a.c, abc, ann, false",
        "user:$user.id, user:ann, ann, true",
        "user:$user.id, user:bob, ann, false",
        "user:$user.id:*, user:ann:inbox, ann, true",
        "*-$user.id-*, x-ann-y, ann, true",
        "user:$user.id, user:bob, *, false",
        "user:$user.id, user:*, *, true",
        "user:$user.id, user:$user.id, ann, false",
        "user:$user.id, user:$user.id, $user.id, true",
    })
    void patterns(String pattern, String channel, String userId, boolean matches) {
        assertThat(new ChannelPattern(pattern).matches(channel, userId)).isEqualTo(matches);
    }

    @Test
    void patternsMatchLikeTheRegularExpressionThatTheyStandFor() {
        Random random = new Random(7);
        int matched = 0;
        for (int i = 0; i < 50_000; i++) {
            String pattern = text(random, "ab*", 1 + random.nextInt(7));
            String name = text(random, "ab", 1 + random.nextInt(8));
            boolean expected = Pattern.matches(pattern.replace("*", ".*"), name);
            assertThat(new ChannelPattern(pattern).matches(name, "u"))
                    .as("%s ~ %s", pattern, name)
                    .isEqualTo(expected);
            matched += expected ? 1 : 0;
        }
        assertThat(matched).isBetween(1_000, 49_000);
    }

    @Test
    void noNameCanBeChosenThatTakesForEver() {
        ChannelPattern pattern = new ChannelPattern("*a".repeat(100) + "*b");
        String name = "a".repeat(255);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            for (int i = 0; i < 1_000; i++) {
                assertThat(pattern.matches(name, "u")).isFalse();
            }
        });
    }

    @Test
    void aPatternThatCanMatchNothingIsAConfigurationError() {
        assertThatThrownBy(() -> new Permissions(List.of(rule("", Set.of()))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Permissions(List.of(rule("x".repeat(256), Set.of()))))
                .hasMessageContaining("256");
    }

    private static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static ChannelRule rule(String channel, Set<String> roles, Action... allow) {
        return new ChannelRule(channel, roles, Set.of(allow));
    }

    private static Identity user(String userId, String... roles) {
        return new Identity(userId, null, Set.of(roles), Map.of(), false, 0);
    }
}
