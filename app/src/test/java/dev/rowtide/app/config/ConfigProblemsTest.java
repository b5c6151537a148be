package dev.rowtide.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody reads whose configuration is wrong. The sentences are pinned: they are the interface. */
class ConfigProblemsTest {
    @TempDir
    Path directory;

    private List<String> problems(String... lines) throws IOException {
        return ConfigFixture.problems(directory, lines);
    }

    @Test
    void allProblemsComeAtOnceEachWithItsLine() throws IOException {
        assertThat(problems(
                        "prot: 3001",
                        "port: many",
                        "limits:",
                        "  max-message-bytes: 1TB",
                        "  max_outbox_bytes: 64MB",
                        "auth: {mode: token}",
                        "port: 3002"))
                .containsExactly(
                        "file:7: port: this key is there twice, first in line 2",
                        "file:1: prot: there is no such key. Did you mean 'port'?",
                        "file:2: port: 'many' is not a whole number. Allowed: a whole number from 0 to 65535",
                        "file:4: limits.max-message-bytes: '1TB' is not a size such as 64KB or 16MB. Allowed: a size from 1KB"
                                + " to 16MB",
                        "file:5: limits.max_outbox_bytes: there is no such key. Did you mean 'max-outbox-bytes'?",
                        "file:6: auth.mode: 'token' is not known (did you mean 'tokens'?). Allowed: one of none, tokens, custom");
    }

    @Test
    void aKeyInTheWrongSectionIsToldWhereItBelongs() throws IOException {
        assertThat(problems("max-connections: 10", "limits: {slot: x}"))
                .containsExactly(
                        "file:1: max-connections: there is no such key. It belongs elsewhere: 'limits.max-connections'",
                        "file:2: limits.slot: there is no such key. It belongs elsewhere: 'postgres.slot'");
    }

    @Test
    void aKeyLikeNoOtherIsToldWhatThereIs() throws IOException {
        assertThat(problems("presence: {qqqqqqqq: 1}"))
                .containsExactly(
                        "file:1: presence.qqqqqqqq: there is no such key. Allowed here: leave-grace, max-listed-users");
    }

    @Test
    void aValueOutOfRangeIsToldTheRange() throws IOException {
        assertThat(problems(
                        "port: 65536",
                        "heartbeat-interval: 10ms",
                        "limits: {message-burst: 0, max-outbox-bytes: 999999999GB}"))
                .containsExactly(
                        "file:1: port: '65536' is too large. Allowed: a whole number from 0 to 65535",
                        "file:2: heartbeat-interval: '10ms' is too small. Allowed: a duration from 1s to 10m",
                        "file:3: limits.message-burst: '0' is too small. Allowed: a whole number from 1 to 10000000",
                        "file:3: limits.max-outbox-bytes: '999999999GB' is too large. Allowed: a size from 64KB to 4GB");
    }

    @Test
    void theWrongSortOfThingIsToldTheRightOne() throws IOException {
        assertThat(problems(
                        "port: [1]",
                        "host: {a: b}",
                        "limits: 7",
                        "resources: [post]",
                        "postgres: {schemas: public}",
                        "broadcast-presence: yes",
                        "auth:",
                        "  tokens: {token: t}",
                        "  rules: [all]"))
                .containsExactly(
                        "file:1: port: is a list. Allowed: a whole number from 0 to 65535",
                        "file:2: host: is a section with keys. Allowed: a host name or an address",
                        "file:3: limits: is a single value. Allowed: a section with the keys max-message-bytes,"
                                + " max-outbox-bytes, stalled-after, max-channels-per-connection, max-connections,"
                                + " max-connections-per-user, messages-per-second, message-burst, max-metadata-bytes",
                        "file:4: resources: is a list. Allowed: a section with a name for each element",
                        "file:5: postgres.schemas: is a single value. Allowed: a list [a, b]; each element a schema's name",
                        "file:6: broadcast-presence: 'yes' is neither true nor false. Allowed: true or false",
                        "file:8: auth.tokens: is a section with keys. Allowed: a list of sections with the keys token, user-id,"
                                + " name, roles, claims, metadata, service",
                        "file:9: auth.rules[0]: is a single value. Allowed: a section with the keys channel, roles, allow");
    }

    @Test
    void aKeyWithoutAValueIsNotTakenForItsDefault() throws IOException {
        assertThat(problems("port:", "limits:", "resources:"))
                .containsExactly("file:1: port: has no value. Allowed: a whole number from 0 to 65535");
    }

    @Test
    void whatIsMissingIsNamedWithAllWaysToGiveIt() throws IOException {
        assertThat(ConfigFixture.problems(
                        directory, "auth: {mode: tokens, tokens: [{name: Ann}], rules: [{channel: '*'}]}", Map.of()))
                .containsExactly(
                        "file: database: is missing. Allowed: an address `postgres://user:password@host:5432/database` or `sqlite:./app.db`, here,"
                                + " in ROWTIDE_DATABASE or as --database",
                        "file:1: auth.tokens[0].token: is missing. Allowed: a text of at most 4096 characters",
                        "file:1: auth.tokens[0].user-id: is missing. Allowed: 1 to 255 characters",
                        "file:1: auth.rules[0].allow: is missing. Allowed: a list [a, b]; each element one of subscribe,"
                                + " broadcast, presence");
    }

    @Test
    void aResourceThatCannotBeIsToldWhyInItsOwnLine() throws IOException {
        assertThat(problems("resources:", "  resource: {table: posts}", "  post:", "    table: a.b.c"))
                .containsExactly(
                        "file:2: resources.resource: a resource cannot be called 'resource' (its record channels would be taken"
                                + " for resource channels): give table public.posts another name",
                        "file:3: resources.post: 'a.b.c' has more than one dot: write schema.table, and a name that contains a"
                                + " dot in double quotes");
    }

    @Test
    void aRuleAboutRowsThatSaysNothingIsNotTakenForAll() throws IOException {
        assertThat(problems(
                        "resources:",
                        "  post:",
                        "    read:",
                        "      - {}",
                        "      - roles: []",
                        "      - roles:",
                        "        where: {a: 1}",
                        "      - where:",
                        "      - where: [{a: 1}]",
                        "      - where: all",
                        "      - published",
                        "  comment:",
                        "    read: {where: {a: 1}}",
                        "  tag:",
                        "    read: all"))
                .containsExactly(
                        "file:8: resources.post.read[3].where: has no value. Allowed: a filter such as `{author_id: {eq: $user.id}}`",
                        "file:9: resources.post.read[4].where: is a list. Allowed: a filter such as `{author_id: {eq: $user.id}}`",
                        "file:10: resources.post.read[5].where: is a single value. Allowed: a filter such as `{author_id: {eq: $user.id}}`",
                        "file:11: resources.post.read[6]: is a single value. Allowed: a section with the keys roles, where",
                        "file:13: resources.comment.read: is a section with keys. Allowed: a list of sections with the keys roles, where",
                        "file:15: resources.tag.read: is a single value. Allowed: a list of sections with the keys roles, where",
                        "file:4: resources.post.read[0]: has neither 'roles' nor 'where'. Give it one of them; 'where: {}' shows all rows to everybody",
                        "file:5: resources.post.read[1].roles: is empty. List whom the rule is for, or leave it out if that is everybody",
                        "file:6: resources.post.read[2].roles: is empty. List whom the rule is for, or leave it out if that is everybody");
    }

    @Test
    void aConditionThatIsNoneIsToldWhyInItsOwnLine() throws IOException {
        assertThat(problems(
                        "resources:",
                        "  post:",
                        "    read:",
                        "      - where: {a: {gteq: 1}}",
                        "      - where: {a: null}",
                        "      - where:",
                        "          a: [1, 2]",
                        "      - {roles: [x], were: {a: 1}}",
                        "      - where: {OR: {a: 1}}",
                        "      - where: {a: '${NOT_SET}'}",
                        "      - where: {a: 1, a: 2}"))
                .containsExactly(
                        "file:10: ${NOT_SET} is not set in the environment",
                        "file:11: a: this key is there twice, first in line 11",
                        "file:4: resources.post.read[0].where: there is no operator \"gteq\" (for column \"a\"); there are eq, ne,"
                                + " gt, gte, lt, lte, in, notIn, like and isNull",
                        "file:5: resources.post.read[1].where: column \"a\" is compared with null, and in SQL nothing equals NULL:"
                                + " write {\"isNull\":true}",
                        "file:7: resources.post.read[2].where: for column \"a\" stands a list: write {\"in\":[…]} to have one of its"
                                + " members",
                        "file:8: resources.post.read[3].were: there is no such key. Did you mean 'where'?",
                        "file:9: resources.post.read[4].where: \"OR\" takes a list of filters, {\"OR\":[{\"a\":1},{\"b\":2}]}");
    }

    @Test
    void rulesSeeNoColumnThatIsExcluded() throws IOException {
        assertThat(problems(
                        "resources:",
                        "  post:",
                        "    exclude-columns: [secret, team]",
                        "    read:",
                        "      - where: {OR: [{owner: $user.id}, {NOT: {team: {in: $user.teams}}}]}"))
                .containsExactly(
                        "file:5: resources.post.read[0].where: looks at column 'team', which 'exclude-columns' takes"
                                + " out of every row before rules see it. Take it out there, or decide by another column");
    }

    @Test
    void allRulesTogetherAreWithinTheLimitsOfAFilter() throws IOException {
        String rule = "      - where: {OR: ["
                + IntStream.range(0, 300).mapToObj(i -> "{a: " + i + "}").collect(Collectors.joining(", "))
                + "]}";
        assertThat(problems("resources:", "  post:", "    read:", rule)).isEmpty();
        assertThat(problems("resources:", "  post:", "    read:", rule, rule.replace("a:", "b:")))
                .singleElement()
                .asString()
                .startsWith("file:2: resources.post.read: all rules together: a filter has at most 500 conditions");
    }

    @Test
    void conditionsNestAsDeeplyAsTheDocumentationSays() throws IOException {
        String[] lines = {"resources:", "  post:", "    read:", "      - where: "};
        String six = "{OR: [".repeat(6) + "{a: {in: [1]}}" + "]}".repeat(6);

        assertThat(problems(lines[0], lines[1], lines[2], lines[3] + six)).isEmpty();
        assertThat(problems(lines[0], lines[1], lines[2], lines[3] + "{OR: [" + six + "]}"))
                .containsExactly("file:4: more than 20 levels of nesting");
    }

    @Test
    void aClaimThatNobodyWouldReadIsAMistake() throws IOException {
        assertThat(problems("auth: {mode: tokens, tokens: [{token: t, user-id: a, claims: {id: b, team: c}}]}"))
                .containsExactly(
                        "file:1: auth.tokens[0].claims.id: would be read by nobody: $user.id is what 'user-id' says");
        assertThat(problems("auth: {mode: tokens, tokens: [{token: t, user-id: a, claims: {roles: [admin]}}]}"))
                .containsExactly(
                        "file:1: auth.tokens[0].claims.roles: would be read by nobody: $user.roles is what 'roles' says");
    }

    @Test
    void whatTheModeIgnoresIsAMistake() throws IOException {
        assertThat(problems("auth:", "  tokens: [{token: t, user-id: ann}]", "  options: {a: b}"))
                .containsExactly(
                        "file:2: auth.tokens: is only read with auth.mode tokens, which is none",
                        "file:3: auth.options: is only read with auth.mode custom, which is none");
        assertThat(problems("auth: {mode: tokens}"))
                .containsExactly(
                        "file:1: auth.tokens: is empty, so with auth.mode tokens nobody could connect. List at least one");
    }

    @Test
    void withoutAuthenticationLeavingTheLoopbackHasToBeSaid() throws IOException {
        assertThat(problems("host: 0.0.0.0"))
                .containsExactly(
                        "file:1: host: '0.0.0.0' can be reached from other machines, and auth.mode none lets everyone"
                                + " read the database. Set auth.mode to tokens, or auth.allow-remote to true if the network itself is"
                                + " closed");
        assertThat(problems("host: 0.0.0.0", "auth: {allow-remote: true}")).isEmpty();
        assertThat(problems("host: '::1'")).isEmpty();
        assertThat(problems("host: localhost")).isEmpty();
    }

    @Test
    void oneTokenForTwoUsersIsAMistakeThatDoesNotShowTheToken() throws IOException {
        assertThat(problems(
                        "auth: {mode: tokens, tokens: [{token: hidden, user-id: ann}, {token: hidden, user-id: bob}]}"))
                .containsExactly("file:1: auth.tokens[1]: has the same token as that of user 'ann'");
    }

    @Test
    void aWrongAddressDoesNotShowThePassword() throws IOException {
        assertThat(ConfigFixture.problems(directory, "database: mysql://ann:hidden@db/shop", Map.of()))
                .singleElement()
                .satisfies(problem -> assertThat(problem)
                        .startsWith("file:1: database: the database address begins with 'mysql:'")
                        .doesNotContain("hidden"));
        assertThat(ConfigFixture.problems(directory, "database: [postgres://ann:hidden@db/shop]", Map.of()))
                .singleElement()
                .satisfies(problem -> assertThat(problem).doesNotContain("hidden"));
    }

    @Test
    void aReferenceToNothingIsNamedOnce() throws IOException {
        assertThat(problems("port: ${SOME_PORT}", "host: ${SOME_HOST}"))
                .containsExactly(
                        "file:1: ${SOME_PORT} is not set in the environment",
                        "file:2: ${SOME_HOST} is not set in the environment");
    }

    @Test
    void aDoubledDollarIsNotAReference() throws Exception {
        Path file = ConfigFixture.write(
                directory, "database: postgres://a@b/c\nauth: {mode: tokens, tokens: [{token: '$${T}', user-id: a}]}");

        assertThat(ConfigFixture.load(file).gateway().auth().tokens().get(0).token())
                .isEqualTo("${T}");
    }

    @Test
    void aMisspeltVariableIsAProblemToo() throws IOException {
        Map<String, String> environment = Map.of(
                "ROWTIDE_DATABASE",
                ConfigFixture.DATABASE,
                "ROWTIDE_PROT",
                "1",
                "ROWTIDE_PORT",
                "x",
                "ROWTIDE_TOKEN",
                "t");

        assertThat(ConfigFixture.problems(directory, "", environment))
                .containsExactly(
                        "environment ROWTIDE_PORT: port: 'x' is not a whole number. Allowed: a whole number from 0 to 65535",
                        "environment ROWTIDE_PROT: there is no such variable. Did you mean ROWTIDE_PORT?");
    }

    @Test
    void aVariableThatTheFileMentionsMayHaveAnyName() throws IOException {
        Map<String, String> environment = Map.of("ROWTIDE_DATABASE", ConfigFixture.DATABASE, "ROWTIDE_MY_PORT", "3001");

        assertThat(ConfigFixture.problems(directory, "port: ${ROWTIDE_MY_PORT}", environment))
                .isEmpty();
    }

    @Test
    void whatIsNotYamlIsNamedWithItsLine() throws IOException {
        assertThat(problems("port: 1", "host: [a"))
                .singleElement()
                .satisfies(problem -> assertThat(problem).startsWith("file:2: this is not YAML: "));
        assertThat(problems("- port"))
                .containsExactly("file:1: the file has to contain keys, such as 'port: 3001', but is a list");
        assertThat(problems("a: 1", "---", "b: 2"))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("this is not YAML"));
    }

    @Test
    void aFileThatContainsItselfEnds() throws IOException {
        assertThat(problems("auth: {mode: tokens, tokens: [{token: t, user-id: a, metadata: &m {again: *m}}]}"))
                .containsExactly("file:1: more than 20 levels of nesting");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path file = directory.resolve("missing.yaml");
        ConfigException exception = org.assertj.core.api.Assertions.catchThrowableOfType(
                ConfigException.class,
                () -> new ConfigLoader(Map.of("ROWTIDE_DATABASE", ConfigFixture.DATABASE)).load(file, Map.of()));

        assertThat(exception.getMessage()).isEqualTo(file + ": there is no such file");
    }

    @Test
    void anEmptyFileIsNoProblem() throws IOException {
        assertThat(problems("")).isEmpty();
        assertThat(problems("# nothing", "")).isEmpty();
    }

    @Test
    void whatIsNotTextIsNamed() throws IOException {
        Path file = Files.write(directory.resolve("latin1.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
        ConfigException exception = org.assertj.core.api.Assertions.catchThrowableOfType(
                ConfigException.class,
                () -> new ConfigLoader(Map.of("ROWTIDE_DATABASE", ConfigFixture.DATABASE)).load(file, Map.of()));

        assertThat(exception.getMessage()).isEqualTo(file + ": the file is not UTF-8 text");
    }

    @Test
    void whatOnlyAnotherDatabaseReadsIsAMistake() throws IOException {
        assertThat(ConfigFixture.problems(
                        directory,
                        "database: sqlite:./app.db\npostgres: {slot: a}",
                        Map.of("ROWTIDE_POSTGRES_NUMBERS", "string")))
                .containsExactlyInAnyOrder(
                        "file:2: postgres.slot: is only read with a PostgreSQL database, which 'database' is not",
                        "environment ROWTIDE_POSTGRES_NUMBERS: postgres.numbers: is only read with a PostgreSQL database, which 'database' is not");
        assertThat(problems("sqlite: {barrier: false}"))
                .containsExactly(
                        "file:1: sqlite.barrier: is only read with a SQLite database, which 'database' is not");
    }

    @Test
    void aSqliteAddressIsAPathAndItsTablesHaveNoSchema() throws IOException {
        assertThat(ConfigFixture.problems(directory, "database: 'sqlite::memory:'", Map.of()))
                .singleElement()
                .asString()
                .startsWith("file:1: database: the database address 'sqlite::memory:' names no file");
        assertThat(ConfigFixture.problems(
                        directory, "database: sqlite:app.db\nresources: {post: {table: shop.posts}}", Map.of()))
                .singleElement()
                .asString()
                .contains("resources: the resource 'post' is to be table shop.posts", "schema 'main'");
        assertThat(ConfigFixture.problems(directory, "database: ./app.db", Map.of()))
                .singleElement()
                .asString()
                .contains("does not say what kind of database it is", "sqlite:./app.db");
    }
}
