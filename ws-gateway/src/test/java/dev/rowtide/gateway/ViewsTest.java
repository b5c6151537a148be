package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.changed;
import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.truncated;
import static dev.rowtide.gateway.TestGateway.updated;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Filters, columns and policies, from the message to the socket. */
@Timeout(60)
class ViewsTest {
    private TestGateway server;

    @BeforeEach
    void start() throws Exception {
        server = new TestGateway();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static TestClient subscribe(TestClient client, String channel, String payload) {
        client.send("{'type':'subscribe','channel':'" + channel + "','payload':{'presence':'none'," + payload + "}}");
        client.expect("subscribed");
        return client;
    }

    /** Operation, id and title of each change. */
    private static List<String> seen(TestClient client) {
        return told(client.drain());
    }

    private static List<String> told(List<JsonNode> messages) {
        List<String> seen = new ArrayList<>();
        for (JsonNode message : messages) {
            JsonNode payload = message.path("payload");
            seen.add(
                    message.path("type").asText().equals("data_change")
                            ? payload.path("operation").asText() + " "
                                    + payload.path("id").asText("") + " "
                                    + payload.at("/data/title").asText("-")
                            : message.path("type").asText() + " "
                                    + payload.path("reason").asText(""));
        }
        return seen;
    }

    /** One row that comes into view, changes, leaves it, comes back and is deleted, and one that is never in it. */
    private void publishALife() throws InterruptedException {
        server.publish(created("post", 1, "hidden", at(1, 1)), created("post", 2, "other", at(1, 2)));
        server.publish(
                updated("post", 1, "hidden", "open", at(2, 1)), updated("post", 2, "other", "another", at(2, 2)));
        server.publish(updated("post", 1, "open", "open", at(3, 1)));
        server.publish(updated("post", 1, "open", "closed", at(4, 1)));
        server.publish(updated("post", 1, "closed", "open", at(5, 1)));
        server.publish(changed("post", Operation.DELETE, 1, "open", at(6, 1)));
        server.publish(changed("post", Operation.DELETE, 2, "another", at(6, 2)));
    }

    private static final List<String> LIFE =
            List.of("create 1 open", "update 1 open", "delete 1 -", "create 1 open", "delete 1 -");

    @Test
    void aRowComesIntoViewAndLeavesItAlsoForWhoResumesAndOnItsOwnChannel() throws Exception {
        try (TestClient live = subscribe(server.client("ann"), "resource:post", "'filter':{'title':'open'}");
                TestClient record = subscribe(server.client("bob"), "post:1", "'filter':{'title':'open'}");
                TestClient other = subscribe(server.client("cid"), "post:2", "'filter':{'title':'open'}");
                TestClient all = server.client("dan").subscribe("resource:post")) {
            publishALife();
            assertThat(seen(live)).isEqualTo(LIFE);
            assertThat(seen(record)).isEqualTo(LIFE);
            assertThat(seen(other)).isEmpty();
            assertThat(all.drain()).hasSize(9);
            try (TestClient resumed = subscribe(
                    server.client("eve"), "resource:post", "'filter':{'title':'open'},'since':'" + at(2, 1) + "'")) {
                // Whoever reads from the history gets it a cycle later than answers.
                assertThat(told(resumed.next(4))).isEqualTo(LIFE.subList(1, 5));
                assertThat(seen(resumed)).isEmpty();
            }
        }
    }

    @Test
    void whatLeavesTheViewTellsItsKeyAndNothingElse() throws Exception {
        try (TestClient client = subscribe(server.client("ann"), "resource:post", "'filter':{'title':'open'}")) {
            server.publish(created("post", 1, "open", at(1, 1)));
            server.publish(updated("post", 1, "open", "secret", at(2, 1)));
            client.expect("data_change");
            JsonNode left = client.expect("data_change");
            assertThat(left.at("/payload/operation").asText()).isEqualTo("delete");
            assertThat(left.at("/payload/id").asInt()).isEqualTo(1);
            assertThat(left.at("/payload/data").isNull()).isTrue();
            assertThat(left.path("payload").has("old")).isFalse();
            assertThat(left.path("payload").has("changed")).isFalse();
            assertThat(left.toString()).doesNotContain("secret");
        }
    }

    @Test
    void whatCameIntoViewTellsNothingOfBefore() throws Exception {
        try (TestClient client = subscribe(server.client("ann"), "resource:post", "'filter':{'title':'open'}")) {
            server.publish(updated("post", 1, "secret", "open", at(2, 1)));
            JsonNode entered = client.expect("data_change");
            assertThat(entered.at("/payload/operation").asText()).isEqualTo("create");
            assertThat(entered.at("/payload/data/title").asText()).isEqualTo("open");
            assertThat(entered.toString()).doesNotContain("secret").doesNotContain("changed");
        }
    }

    @Test
    void onlyTheColumnsThatWereAskedForAreSent() throws Exception {
        try (TestClient client = subscribe(server.client("ann"), "resource:post", "'columns':['id']");
                TestClient whole = server.client("bob").subscribe("resource:post")) {
            server.publish(updated("post", 1, "before", "after", at(1, 1)));
            JsonNode change = client.expect("data_change").path("payload");
            assertThat(change.path("data").toString()).isEqualTo("{\"id\":1}");
            assertThat(change.path("old").toString()).isEqualTo("{\"id\":1}");
            assertThat(change.path("changed").toString()).isEqualTo("[]");
            assertThat(whole.expect("data_change").at("/payload/data/title").asText())
                    .isEqualTo("after");
        }
    }

    @Test
    void theOperationsThatAreWantedAreThoseThatAreSeen() throws Exception {
        try (TestClient client =
                subscribe(server.client("ann"), "resource:post", "'filter':{'title':'open'},'operations':['create']")) {
            publishALife();
            assertThat(seen(client)).containsExactly("create 1 open", "create 1 open");
        }
    }

    @Test
    void aTruncationIsForEverybody() throws Exception {
        try (TestClient client = subscribe(server.client("ann"), "resource:post", "'filter':{'title':'open'}")) {
            server.publish(truncated("post", at(1, 1)));
            assertThat(seen(client)).containsExactly("truncate  -");
        }
    }

    @Test
    void subscribingAgainReplacesTheFilter() throws Exception {
        try (TestClient client = subscribe(server.client("ann"), "resource:post", "'filter':{'title':'a'}")) {
            subscribe(client, "resource:post", "'filter':{'title':'b'}");
            server.publish(created("post", 1, "a", at(1, 1)), created("post", 2, "b", at(1, 2)));
            assertThat(seen(client)).containsExactly("create 2 b");
        }
    }

    @Test
    void aTableThatIsChangedEndsTheSubscriptionsThatItDoesNotFitAndNoOthers() throws Exception {
        RowShape renamed = new RowShape(List.of("id", "headline"), List.of(Typed.EXACT_NUMBER, Typed.TEXT));
        DataChangeEvent event = created("post", 1, "t", at(2, 1));
        DataChangeEvent after = new DataChangeEvent(
                "post",
                Operation.CREATE,
                new RecordId("1", "1"),
                new Row(renamed, new String[] {"1", "\"t\""}),
                null,
                null,
                event.position(),
                event.transaction(),
                event.committedAtMillis());
        try (TestClient filtered = subscribe(server.client("ann"), "resource:post", "'filter':{'title':'t'}");
                TestClient byId = subscribe(server.client("bob"), "resource:post", "'filter':{'id':1}")) {
            server.publish(after);
            JsonNode error = filtered.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("bad_filter");
            assertThat(error.path("channel").asText()).isEqualTo("resource:post");
            assertThat(error.at("/payload/message").asText()).contains("title", "headline");
            byId.expect("data_change");
            server.publish(new DataChangeEvent(
                    "post",
                    Operation.CREATE,
                    new RecordId("1", "1"),
                    after.data(),
                    null,
                    null,
                    at(3, 1),
                    event.transaction(),
                    0));
            byId.expect("data_change");
            assertThat(filtered.drain()).isEmpty();
        }
    }

    @Test
    void oneOfManyFiltersGetsWhatAllOfThemTriedOneByOneWouldGive() throws Exception {
        Random random = new Random(7);
        List<String> titles = List.of("a", "b", "c", "d");
        List<TestClient> clients = new ArrayList<>();
        List<String> filters = List.of(
                "{'title':'a'}",
                "{'title':{'in':['b','c']}}",
                "{'OR':[{'title':'a'},{'id':3}]}",
                "{'id':2,'title':{'ne':'d'}}",
                "{'title':{'gte':'c'}}",
                "{'OR':[{'title':'a'},{'title':{'gt':'c'}}]}",
                "{'NOT':{'title':'b'}}",
                "{'title':{'in':[]}}");
        List<java.util.function.BiPredicate<Integer, String>> meanings = List.of(
                (id, t) -> t.equals("a"),
                (id, t) -> t.equals("b") || t.equals("c"),
                (id, t) -> t.equals("a") || id == 3,
                (id, t) -> id == 2 && !t.equals("d"),
                (id, t) -> t.compareTo("c") >= 0,
                (id, t) -> t.equals("a") || t.compareTo("c") > 0,
                (id, t) -> !t.equals("b"),
                (id, t) -> false);
        try {
            for (int i = 0; i < filters.size(); i++) {
                clients.add(subscribe(server.client("u" + i), "resource:post", "'filter':" + filters.get(i)));
            }
            String[] rows = new String[6];
            List<List<String>> expected = new ArrayList<>();
            filters.forEach(filter -> expected.add(new ArrayList<>()));
            for (int n = 1; n <= 300; n++) {
                int id = random.nextInt(rows.length);
                String before = rows[id];
                String after = before != null && random.nextInt(4) == 0 ? null : titles.get(random.nextInt(4));
                rows[id] = after;
                server.publish(
                        before == null
                                ? created("post", id, String.valueOf(after), at(n, 1))
                                : after == null
                                        ? changed("post", Operation.DELETE, id, before, at(n, 1))
                                        : updated("post", id, before, after, at(n, 1)));
                for (int i = 0; i < filters.size(); i++) {
                    boolean was = before != null && meanings.get(i).test(id, before);
                    boolean is = after != null && meanings.get(i).test(id, after);
                    if (was || is) {
                        expected.get(i)
                                .add((was && is ? "update " : is ? "create " : "delete ") + id + " "
                                        + (is ? after : "-"));
                    }
                }
            }
            for (int i = 0; i < filters.size(); i++) {
                assertThat(seen(clients.get(i))).as(filters.get(i)).isEqualTo(expected.get(i));
            }
            assertThat(expected.get(0)).hasSizeGreaterThan(50);
        } finally {
            clients.forEach(TestClient::close);
        }
    }

    // ---- policies

    private static final RowFilter OWN = RowFilter.compare("title", Operator.EQ, new FilterValue.Attribute("id"));

    private static TestGateway withPolicy(ReadPolicy.Rule... rules) throws Exception {
        AuthConfig.Token[] tokens = {
            new AuthConfig.Token("ann", new Identity("ann", null, Set.of(), Map.of(), false, 0)),
            new AuthConfig.Token("ann-admin", new Identity("ann", null, Set.of("admin"), Map.of(), false, 0)),
            new AuthConfig.Token("bob", new Identity("bob", null, Set.of(), Map.of("team", "red"), Map.of(), false, 0)),
        };
        AuthConfig auth = new AuthConfig(
                AuthConfig.Mode.TOKENS, false, Set.of(), Set.of(), List.of(tokens), null, Map.of(), List.of());
        return new TestGateway(TestGateway.config(auth, Map.of("post", new ReadPolicy(List.of(rules)))));
    }

    private static TestClient withToken(TestGateway server, String token) {
        return TestClient.connect(server.gateway.port(), "?token=" + token);
    }

    @Test
    void aUserSeesTheRowsOfAllRulesThatAreForIt() throws Exception {
        try (TestGateway strict = withPolicy(
                        new ReadPolicy.Rule(Set.of("admin"), RowFilter.ALL),
                        new ReadPolicy.Rule(Set.of(), OWN),
                        new ReadPolicy.Rule(
                                Set.of(), RowFilter.compare("title", Operator.EQ, new FilterValue.Attribute("team"))));
                TestClient ann = withToken(strict, "ann").subscribe("resource:post");
                TestClient bob = withToken(strict, "bob").subscribe("resource:post");
                TestClient admin = withToken(strict, "ann-admin").subscribe("resource:post");
                TestClient comments = withToken(strict, "ann").subscribe("resource:comment")) {
            strict.publish(
                    created("post", 1, "ann", at(1, 1)),
                    created("post", 2, "red", at(1, 2)),
                    created("post", 3, "bob", at(1, 3)),
                    created("post", 4, "nobody", at(1, 4)),
                    created("comment", 5, "free", at(1, 5)));
            strict.publish(updated("post", 1, "ann", "bob", at(2, 1)));
            assertThat(seen(ann)).containsExactly("create 1 ann", "delete 1 -");
            assertThat(seen(bob)).containsExactly("create 2 red", "create 3 bob", "create 1 bob");
            assertThat(seen(admin)).hasSize(5);
            assertThat(seen(comments)).containsExactly("create 5 free");
        }
    }

    @Test
    void aPolicyThatDoesNotFitTheTableShowsNothingAndItsSentenceTellsNothingOfIt() throws Exception {
        try (TestGateway strict = withPolicy(new ReadPolicy.Rule(Set.of(), RowFilter.isNull("secret_flag")));
                TestClient ann = withToken(strict, "ann")) {
            ann.send("{'type':'subscribe','channel':'resource:post'}");
            JsonNode error = ann.expect("error");
            assertThat(error.at("/payload/message").asText()).contains("rules").doesNotContain("secret_flag", "title");
            strict.publish(created("post", 1, "ann", at(1, 1)));
            assertThat(ann.drain()).isEmpty();
        }
    }

    @Test
    void whatTheLogDoesNotSayIsNotShownAndCounted() throws Exception {
        Row key = new Row(TestGateway.SHAPE, new String[] {"1", null});
        try (TestGateway strict = withPolicy(new ReadPolicy.Rule(Set.of(), OWN));
                TestClient ann = withToken(strict, "ann").subscribe("resource:post")) {
            strict.publish(updated("post", 1, key, "bob", at(1, 1)));
            strict.publish(updated("post", 1, (Row) null, "bob", at(2, 1)));
            strict.publish(updated("post", 1, key, "ann", at(3, 1)));
            JsonNode shown = ann.expect("data_change");
            assertThat(shown.at("/payload/position").asText()).isEqualTo(at(3, 1).toString());
            assertThat(shown.path("payload").has("old")).isFalse();
            assertThat(ann.drain()).isEmpty();
            assertThat(strict.gateway.stats().undecided()).isEqualTo(2);
        }
    }

    @Test
    void otherRightsTakeEffectAtOnceAndTheClientIsTold() throws Exception {
        try (TestGateway strict = withPolicy(
                        new ReadPolicy.Rule(Set.of("admin"), RowFilter.ALL), new ReadPolicy.Rule(Set.of(), OWN));
                TestClient ann = withToken(strict, "ann-admin").subscribe("resource:post")) {
            strict.publish(created("post", 1, "secret", at(1, 1)));
            assertThat(seen(ann)).containsExactly("create 1 secret");
            ann.send("{'type':'auth','id':1,'payload':{'token':'ann'}}");
            JsonNode gap = ann.expect("gap");
            assertThat(gap.at("/payload/reason").asText()).isEqualTo("permissions_changed");
            assertThat(gap.at("/payload/since").asText()).isEqualTo(at(1, 1).toString());
            ann.expect("ack");
            strict.publish(updated("post", 1, "secret", "still secret", at(2, 1)), created("post", 2, "ann", at(2, 2)));
            assertThat(seen(ann)).containsExactly("create 2 ann");
            ann.send("{'type':'auth','id':2,'payload':{'token':'ann'}}");
            assertThat(seen(ann)).as("the same rights").containsExactly("ack ");
        }
    }
}
