package dev.rowtide.gateway.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.gateway.auth.Identity;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PresenceMetadataTest {
    private static final Identity ANN = new Identity("ann", "Ann", Set.of("admin"), Map.of("team", "a"), true, 99);

    @Test
    void nothingButNameAndMetadataIsShown() {
        assertThat(PresenceMetadata.of(ANN).json()).isEqualTo("{\"team\":\"a\",\"name\":\"Ann\"}");
        assertThat(PresenceMetadata.of(Identity.ofUser("bob")).json()).isEqualTo("{}");
    }

    @Test
    void whatTheIdentityVouchesForCannotBeOverwritten() {
        assertThat(PresenceMetadata.of(ANN)
                        .choosing("{\"name\":\"Root\",\"cursor\":17}")
                        .json())
                .isEqualTo("{\"name\":\"Ann\",\"cursor\":17,\"team\":\"a\"}");
        assertThat(PresenceMetadata.of(Identity.ofUser("bob"))
                        .choosing("{\"name\":\"Bob\"}")
                        .json())
                .isEqualTo("{\"name\":\"Bob\"}");
    }

    @Test
    void choosingReplacesWhatWasChosenBefore() {
        assertThat(PresenceMetadata.of(Identity.ofUser("bob"))
                        .choosing("{\"a\":1}")
                        .choosing("{\"b\":2}")
                        .json())
                .isEqualTo("{\"b\":2}");
    }

    @Test
    void numbersAreShownAsTheyWereWritten() {
        String numbers = "{\"a\":12345678901234567890,\"b\":0.10,\"c\":1.0000000000000000000001}";
        assertThat(PresenceMetadata.of(Identity.ofUser("bob")).choosing(numbers).json())
                .isEqualTo(numbers);
    }

    @Test
    void onlyAnObjectCanBeChosen() {
        PresenceMetadata bob = PresenceMetadata.of(Identity.ofUser("bob"));
        for (String wrong : new String[] {"[]", "1", "null", "\"x\"", "", "{", "{} {}"}) {
            assertThatThrownBy(() -> bob.choosing(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("metadata is ");
        }
    }
}
