package dev.rowtide.gateway.presence;

import static dev.rowtide.gateway.presence.ChannelPresence.End.CLEAN;
import static dev.rowtide.gateway.presence.ChannelPresence.End.UNCLEAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.presence.ChannelPresence.Changes;
import dev.rowtide.gateway.presence.ChannelPresence.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ChannelPresenceTest {
    private static final long GRACE = 3_000;

    private final ChannelPresence presence = new ChannelPresence(GRACE, 3);

    @Test
    void aUserWithThreeTabsJoinsOnceAndLeavesOnce() {
        assertThat(presence.join("ann", plain("ann"))).isTrue();
        assertThat(presence.drain().join()).containsExactly(user("ann", "{}"));
        assertThat(presence.join("ann", plain("ann"))).isFalse();
        assertThat(presence.join("ann", plain("ann"))).isFalse();
        assertThat(presence.onlineCount()).isEqualTo(1);

        assertThat(presence.leave("ann", CLEAN, 0)).isFalse();
        assertThat(presence.leave("ann", CLEAN, 0)).isFalse();
        assertThat(presence.leave("ann", CLEAN, 0)).isTrue();
        assertThat(presence.listed()).as("already without the leaver").isEmpty();
        assertThat(presence.drain().leave()).containsExactly(user("ann", "{}"));
        assertThat(presence.isEmpty()).isTrue();
    }

    @Test
    void aPageReloadIsSeenByNobody() {
        presence.join("ann", plain("ann"));
        presence.drain();
        assertThat(presence.leave("ann", UNCLEAN, 1_000)).isFalse();
        assertThat(presence.nextDeadlineMillis()).isEqualTo(4_000);
        assertThat(presence.onlineCount()).isEqualTo(1);
        assertThat(presence.expire(3_999)).isFalse();
        assertThat(presence.join("ann", plain("ann"))).isFalse();
        assertThat(presence.nextDeadlineMillis()).isEqualTo(Long.MAX_VALUE);
        assertThat(presence.expire(10_000)).isFalse();
        assertThat(presence.onlineCount()).isEqualTo(1);
    }

    @Test
    void whoDoesNotComeBackLeavesWhenTheGracePeriodIsOver() {
        presence.join("ann", plain("ann"));
        presence.drain();
        presence.leave("ann", UNCLEAN, 1_000);
        assertThat(presence.isEmpty()).isFalse();
        assertThat(presence.expire(4_000)).isTrue();
        assertThat(presence.drain()).isEqualTo(new Changes(List.of(), List.of(), List.of(user("ann", "{}"))));
        assertThat(presence.nextDeadlineMillis()).isEqualTo(Long.MAX_VALUE);
        assertThat(presence.isEmpty()).isTrue();
    }

    @Test
    void aTabClosedOnPurposeDoesNotCutShortTheReloadOfAnother() {
        presence.join("ann", plain("ann"));
        presence.join("ann", plain("ann"));
        presence.drain();
        presence.leave("ann", UNCLEAN, 0);
        assertThat(presence.leave("ann", CLEAN, 1_000)).isFalse();
        assertThat(presence.expire(2_999)).isFalse();
        assertThat(presence.expire(3_000)).isTrue();
    }

    @Test
    void theEndOfAGracePeriodDoesNotRemoveWhoIsStillConnected() {
        presence.join("ann", plain("ann"));
        presence.join("ann", plain("ann"));
        presence.drain();
        presence.leave("ann", UNCLEAN, 0);
        assertThat(presence.expire(5_000)).isFalse();
        assertThat(presence.onlineCount()).isEqualTo(1);
        assertThat(presence.leave("ann", CLEAN, 6_000)).isTrue();
    }

    @Test
    void withoutAGracePeriodEveryEndIsALeave() {
        ChannelPresence abrupt = new ChannelPresence(0, 3);
        abrupt.join("ann", plain("ann"));
        abrupt.drain();
        assertThat(abrupt.leave("ann", UNCLEAN, 0)).isTrue();
    }

    @Test
    void theLatestChoiceIsShownAndATabWithoutOneChangesNothing() {
        presence.join("ann", chosen("ann", "{\"at\":1}"));
        presence.drain();
        assertThat(presence.join("ann", plain("ann"))).isFalse();
        assertThat(presence.listed()).containsExactly(user("ann", "{\"at\":1}"));
        assertThat(presence.join("ann", chosen("ann", "{\"at\":2}"))).isTrue();
        assertThat(presence.drain().update()).containsExactly(user("ann", "{\"at\":2}"));
        assertThat(presence.update("ann", chosen("ann", "{\"at\":2}"))).isFalse();
        assertThat(presence.update("ann", plain("ann"))).isFalse();
        assertThat(presence.update("ann", chosen("ann", "{\"at\":3}"))).isTrue();
        assertThat(presence.listed()).containsExactly(user("ann", "{\"at\":3}"));
        presence.update("ann", chosen("ann", "{}"));
        assertThat(presence.listed()).containsExactly(user("ann", "{}"));
    }

    @Test
    void aNewIdentityOfAUserKeepsWhatItsClientChose() {
        presence.join("ann", chosen("ann", "{\"at\":1}"));
        presence.drain();
        Identity renamed = new Identity("ann", "Ann B.", Set.of(), Map.of(), false, 0);
        assertThat(presence.join("ann", PresenceMetadata.of(renamed))).isTrue();
        assertThat(presence.drain().update()).containsExactly(user("ann", "{\"at\":1,\"name\":\"Ann B.\"}"));
    }

    @Test
    void anUpdateOfWhoIsNotConnectedIsNothing() {
        assertThat(presence.update("ann", chosen("ann", "{\"at\":1}"))).isFalse();
        presence.join("ann", plain("ann"));
        presence.drain();
        presence.leave("ann", UNCLEAN, 0);
        assertThat(presence.update("ann", chosen("ann", "{\"at\":1}"))).isFalse();
    }

    @Test
    void changesAreTheDifferenceSinceTheyWereLastTold() {
        presence.join("stays", plain("stays"));
        presence.join("goes", chosen("goes", "{\"v\":1}"));
        presence.drain();

        presence.join("passes", plain("passes"));
        presence.leave("passes", CLEAN, 0);
        presence.leave("stays", CLEAN, 0);
        presence.join("stays", plain("stays"));
        presence.update("goes", chosen("goes", "{\"v\":2}"));
        presence.leave("goes", CLEAN, 0);
        presence.join("comes", plain("comes"));
        presence.update("comes", chosen("comes", "{\"v\":1}"));

        assertThat(presence.drain())
                .isEqualTo(new Changes(
                        List.of(user("comes", "{\"v\":1}")), List.of(), List.of(user("goes", "{\"v\":1}"))));
        assertThat(presence.drain().isEmpty()).isTrue();
    }

    @Test
    void theListIsCappedAndTheCountIsExact() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            presence.join(name, plain(name));
        }
        assertThat(names(presence.listed())).containsExactly("a", "b", "c");
        assertThat(presence.onlineCount()).isEqualTo(5);
        List<OnlineUser> before = presence.listed();
        presence.update("e", chosen("e", "{\"v\":1}"));
        presence.join("f", plain("f"));
        assertThat(presence.listed()).as("nothing in it changed").isSameAs(before);
        presence.leave("a", CLEAN, 0);
        assertThat(names(presence.listed())).containsExactly("b", "c", "d");
    }

    @Test
    void pagesHoldEveryoneOnceThoughOthersComeAndGo() {
        for (int i = 0; i < 10; i++) {
            presence.join("u" + i, plain("u" + i));
        }
        Page first = presence.page(4, null);
        assertThat(names(first.users())).containsExactly("u0", "u1", "u2", "u3");
        presence.leave("u3", CLEAN, 0);
        presence.leave("u5", CLEAN, 0);
        presence.join("new", plain("new"));
        Page second = presence.page(4, first.next());
        assertThat(names(second.users())).containsExactly("u4", "u6", "u7", "u8");
        Page third = presence.page(4, second.next());
        assertThat(names(third.users())).containsExactly("u9", "new");
        assertThat(third.next()).isNull();
        assertThat(presence.page(10, null).next()).as("no empty last page").isNull();
    }

    @Test
    void aCursorThatIsNoneIsRefused() {
        for (String wrong : List.of("", "-1", "!", "zzzzzzzzzzzzzzzzzzzz")) {
            assertThatThrownBy(() -> presence.page(1, wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLeaveWithoutAJoinIsAFaultOfTheCaller() {
        assertThatThrownBy(() -> presence.leave("ann", CLEAN, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHundredThousandUsersCostNoMorePerEventThanOne() {
        ChannelPresence crowd = new ChannelPresence(GRACE, 100);
        // With a pass over all users per event this would be 10^10 steps.
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            PresenceMetadata none = plain("u");
            for (int i = 0; i < 100_000; i++) {
                crowd.join("u" + i, none);
                crowd.listed();
                crowd.drain();
            }
            for (int i = 100; i < 100_000; i++) {
                crowd.leave("u" + i, UNCLEAN, i);
                crowd.expire(i);
                crowd.listed();
                crowd.drain();
                crowd.nextDeadlineMillis();
            }
        });
        assertThat(crowd.onlineCount()).isEqualTo(100 + (int) GRACE);
    }

    static PresenceMetadata plain(String userId) {
        return PresenceMetadata.of(Identity.ofUser(userId));
    }

    static PresenceMetadata chosen(String userId, String json) {
        return plain(userId).choosing(json);
    }

    static OnlineUser user(String userId, @Nullable String json) {
        return new OnlineUser(userId, json == null ? "{}" : json);
    }

    private static List<String> names(List<OnlineUser> users) {
        List<String> names = new ArrayList<>();
        users.forEach(user -> names.add(user.userId()));
        return names;
    }
}
