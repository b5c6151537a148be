package dev.rowtide.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelTest {
    @Test
    void aNameIsSplitAtTheFirstColon() {
        Channel channel = new Channel("post:a:b");
        assertThat(channel.prefix()).isEqualTo("post");
        assertThat(channel.suffix()).isEqualTo("a:b");
        assertThat(new Channel("lobby").suffix()).isEmpty();
        assertThat(new Channel("lobby").hasSuffix()).isFalse();
    }

    @Test
    void aResourceChannelIsRecognised() {
        assertThat(Channel.ofResource("post").name()).isEqualTo("resource:post");
        assertThat(Channel.ofResource("post").isResource()).isTrue();
        assertThat(new Channel("resources:1").isResource()).isFalse();
    }

    @Test
    void namesHaveALimit() {
        new Channel("x".repeat(Channel.MAX_LENGTH));
        assertThatThrownBy(() -> new Channel("x".repeat(256)))
                .hasMessageContaining("255")
                .hasMessageContaining("256");
        assertThatThrownBy(() -> new Channel("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> new Channel("a\nb")).hasMessageContaining("control");
    }

    @Test
    void partsOfACompositeKeyAreEncodedSoThatTheyStayApart() {
        assertThat(RecordId.compositeText(List.of("a,b", "100%"))).isEqualTo("a%2Cb,100%25");
        assertThat(RecordId.compositeText(List.of("a", "b%2Cc")))
                .isNotEqualTo(RecordId.compositeText(List.of("a", "b,c")));
    }
}
