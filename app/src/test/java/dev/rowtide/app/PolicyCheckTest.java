package dev.rowtide.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.rowtide.cdc.RowCondition;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PolicyCheckTest {
    private static final RowFilter OWN = RowFilter.compare("owner", Operator.EQ, new FilterValue.Attribute("id"));
    private static final RowFilter PUBLISHED = RowFilter.compare("published", Operator.EQ, new FilterValue.Bool(true));

    private final Logger logger = (Logger) LoggerFactory.getLogger(PolicyCheck.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
    }

    private static GatewayConfig with(Map<String, ReadPolicy> policies) {
        GatewayConfig config = GatewayConfig.DEFAULT;
        return new GatewayConfig(
                config.host(),
                config.port(),
                config.path(),
                config.heartbeatInterval(),
                config.auth(),
                policies,
                config.presence(),
                config.limits(),
                config.history());
    }

    private static final GatewayConfig POLICIES = with(Map.of(
            "post",
            new ReadPolicy(List.of(
                    new ReadPolicy.Rule(Set.of("admin"), RowFilter.ALL),
                    new ReadPolicy.Rule(Set.of(), PUBLISHED),
                    new ReadPolicy.Rule(Set.of("editor"), OWN))),
            "draft",
            new ReadPolicy(List.of(new ReadPolicy.Rule(Set.of(), OWN))),
            "closed",
            new ReadPolicy(List.of())));

    @Test
    void eachConditionHasItsPlaceInTheConfiguration() {
        assertThat(PolicyCheck.conditions(POLICIES))
                .containsExactly(
                        new RowCondition("resources.draft.read[0].where", "draft", OWN),
                        new RowCondition("resources.post.read[1].where", "post", PUBLISHED),
                        new RowCondition("resources.post.read[2].where", "post", OWN));
        assertThat(PolicyCheck.conditions(GatewayConfig.DEFAULT)).isEmpty();
    }

    @Test
    void whatDoesNotFitIsAnErrorInTheLogAndNothingElseIs() {
        PolicyCheck check = new PolicyCheck(POLICIES);

        check.described("post", shape("id", "owner", "published"));
        check.described("tag", shape("id"));
        check.described("closed", shape("id"));
        assertThat(log.list).isEmpty();

        check.described("post", shape("id", "author", "published"));
        assertThat(log.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getFormattedMessage())
                    .isEqualTo(
                            "resources.post.read[2].where: there is no column \"owner\": the nearest are \"id\", \"author\","
                                    + " \"published\". Until that is mended, those whom the rule is for are shown no rows of 'post'");
        });
    }

    private static RowShape shape(String... columns) {
        return new RowShape(
                List.of(columns),
                List.of(columns).stream()
                        .<ColumnType>map(
                                name -> name.equals("published") ? ColumnType.Typed.BOOLEAN : ColumnType.Typed.TEXT)
                        .toList());
    }
}
