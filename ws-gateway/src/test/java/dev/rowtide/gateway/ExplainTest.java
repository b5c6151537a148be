package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.updated;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code /realtime/explain} gives the answer that the socket gave. */
@Timeout(60)
class ExplainTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private TestGateway server;

    @BeforeEach
    void start() throws Exception {
        List<AuthConfig.Token> tokens = List.of(
                new AuthConfig.Token("ann", Identity.ofUser("ann")),
                new AuthConfig.Token("bob", Identity.ofUser("bob")),
                new AuthConfig.Token("service", new Identity("backend", null, Set.of(), Map.of(), true, 0)));
        AuthConfig auth =
                new AuthConfig(AuthConfig.Mode.TOKENS, false, Set.of(), Set.of(), tokens, null, Map.of(), List.of());
        ReadPolicy policy = new ReadPolicy(List.of(
                new ReadPolicy.Rule(Set.of("admin"), RowFilter.ALL),
                new ReadPolicy.Rule(
                        Set.of(), RowFilter.compare("title", Operator.EQ, new FilterValue.Attribute("id")))));
        server = new TestGateway(TestGateway.config(auth, Map.of("post", policy)));
        server.gateway.sink().reached(at(1, 0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String token, String query) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + server.gateway.port() + "/realtime/explain" + query))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode explain(String user, String channel, Position position) throws Exception {
        HttpResponse<String> answer =
                get("service", "?userId=" + user + "&channel=" + channel + "&position=" + position);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return TestClient.JSON.readTree(answer.body());
    }

    private String reason(String user, String channel, Position position) throws Exception {
        JsonNode answer = explain(user, channel, position);
        assertThat(answer.path("explanation").asText()).hasSizeGreaterThan(10);
        assertThat(answer.path("delivered").asBoolean())
                .isEqualTo(answer.path("reason").asText().equals("delivered"));
        return answer.path("reason").asText();
    }

    private TestClient connect(String token, String payload) {
        TestClient client = TestClient.connect(server.gateway.port(), "?token=" + token);
        client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none'" + payload + "}}");
        client.expect("subscribed");
        return client;
    }

    @Test
    void eachReasonIsToldApart() throws Exception {
        server.publish(created("post", 9, "ann", at(1, 1)));
        try (TestClient ann = connect("ann", "");
                TestClient bob = connect("bob", ",'filter':{'id':{'lt':5}},'operations':['create']")) {
            ann.drain();
            server.publish(created("post", 1, "ann", at(2, 1)), created("post", 2, "bob", at(2, 2)));
            server.publish(created("post", 7, "bob", at(3, 1)), updated("post", 2, "bob", "bob", at(3, 2)));
            server.publish(updated("post", 1, (Row) null, "carl", at(4, 1)), created("comment", 1, "x", at(4, 2)));
            assertThat(ann.drain()).hasSize(1);
            assertThat(bob.drain()).hasSize(1);

            assertThat(reason("ann", "resource:post", at(2, 1))).isEqualTo("delivered");
            assertThat(reason("ann", "resource:post", at(1, 1))).isEqualTo("before_subscription");
            assertThat(reason("ann", "resource:post", at(2, 2))).isEqualTo("policy");
            assertThat(reason("bob", "resource:post", at(2, 2))).isEqualTo("delivered");
            assertThat(reason("bob", "resource:post", at(3, 1))).isEqualTo("filter");
            assertThat(reason("bob", "resource:post", at(3, 2))).isEqualTo("operation");
            assertThat(reason("ann", "resource:post", at(4, 1))).isEqualTo("undecided");
            assertThat(reason("ann", "post:1", at(2, 1))).isEqualTo("not_subscribed");
            assertThat(reason("ann", "post:2", at(2, 1))).isEqualTo("other_channel");
            assertThat(reason("ann", "resource:post", at(4, 2))).isEqualTo("other_channel");
            assertThat(reason("carl", "resource:post", at(2, 1))).isEqualTo("not_connected");
            for (Position nowhere : List.of(at(2, 3), at(9, 1), at(2, 0), at(0, 1))) {
                assertThat(reason("ann", "resource:post", nowhere))
                        .as(nowhere.toString())
                        .isEqualTo("unknown_change");
            }
        }
    }

    @Test
    void theRulesSayWhatEachOfThemMeansForTheUser() throws Exception {
        server.publish(updated("post", 1, "bob", "ann", at(2, 1)));
        try (TestClient ann = connect("ann", "")) {
            JsonNode answer = explain("ann", "resource:post", at(2, 1));
            assertThat(answer.at("/change/operation").asText()).isEqualTo("update");
            assertThat(answer.at("/change/id").asInt()).isEqualTo(1);
            assertThat(answer.at("/rules/0/isForUser").asBoolean(true)).isFalse();
            assertThat(answer.at("/rules/1/isForUser").asBoolean()).isTrue();
            assertThat(answer.at("/rules/1/where").toString()).isEqualTo("{\"title\":{\"eq\":{\"$user\":\"id\"}}}");
            assertThat(answer.at("/rules/1/before").asText()).isEqualTo("false");
            assertThat(answer.at("/rules/1/after").asText()).isEqualTo("true");
            assertThat(answer.at("/subscriptions/0/shownAs").asText()).isEqualTo("create");
            JsonNode absent = TestClient.JSON.readTree(
                    get("service", "?userId=zoe&roles=admin&channel=resource:post&position=" + at(2, 1))
                            .body());
            assertThat(absent.at("/rules/0/isForUser").asBoolean()).isTrue();
        }
    }

    @Test
    void itIsForServicesAndWantsItsParameters() throws Exception {
        String whole = "?userId=ann&channel=resource:post&position=" + at(2, 1);
        assertThat(get("ann", whole).statusCode()).isEqualTo(403);
        assertThat(get("nobody", whole).statusCode()).isEqualTo(401);
        for (String query : List.of(
                "",
                "?userId=ann",
                "?userId=ann&channel=resource:post",
                "?userId=ann&channel=resource:post&position=x")) {
            HttpResponse<String> answer = get("service", query);
            assertThat(answer.statusCode()).as(query).isEqualTo(400);
            assertThat(answer.body()).contains("position");
        }
    }
}
