package dev.rowtide.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.debezium.embedded.Connect;

/** Who may know whom: the arrows of docs/architecture.md. Here because only app has all modules on its class path. */
@AnalyzeClasses(packages = "dev.rowtide", importOptions = ImportOption.DoNotIncludeTests.class)
final class ModuleArrowsTest {
    private static final String FEED = "dev.rowtide.feed..";
    private static final String SQLITE_CONNECTOR = "dev.rowtide.sqlite..";
    private static final String ENGINE = "dev.rowtide.cdc..";
    private static final String GATEWAY = "dev.rowtide.gateway..";
    private static final String APP = "dev.rowtide.app..";
    private static final String[] DEBEZIUM = {"io.debezium..", "org.apache.kafka.."};
    private static final String[] JDBC = {"java.sql..", "javax.sql..", "org.postgresql.."};
    private static final String JETTY = "org.eclipse.jetty..";

    @ArchTest
    static final ArchRule theFeedKnowsNobody = classes()
            .that()
            .resideInAPackage(FEED)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    FEED,
                    "java.lang..",
                    "java.util..",
                    "java.time..",
                    "java.math..",
                    "java.nio.charset..",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule theEngineKnowsOnlyTheFeed = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(GATEWAY, APP, JETTY, SQLITE_CONNECTOR);

    /** It runs on Kafka Connect by itself, and is found by its name. */
    @ArchTest
    static final ArchRule theSqliteConnectorKnowsNobody = noClasses()
            .that()
            .resideInAPackage(SQLITE_CONNECTOR)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(FEED, ENGINE, GATEWAY, APP, JETTY);

    @ArchTest
    static final ArchRule nobodyKnowsTheSqliteConnector = noClasses()
            .that(not(resideInAPackage(SQLITE_CONNECTOR)))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SQLITE_CONNECTOR);

    @ArchTest
    static final ArchRule theGatewayKnowsOnlyTheFeed = noClasses()
            .that()
            .resideInAPackage(GATEWAY)
            .should()
            .dependOnClassesThat(resideInAnyPackage(ENGINE, APP)
                    .or(resideInAnyPackage(DEBEZIUM))
                    .or(resideInAnyPackage(JDBC)));

    @ArchTest
    static final ArchRule theAppWiresAndUsesNeitherSidesLibraries = noClasses()
            .that()
            .resideInAPackage(APP)
            .should()
            .dependOnClassesThat(resideInAnyPackage(DEBEZIUM).or(resideInAPackage(JETTY)));

    /** The demo plays a user's program, which has a database of its own. */
    @ArchTest
    static final ArchRule theAppAsksNoDatabase = noClasses()
            .that(resideInAPackage(APP).and(not(resideInAPackage("dev.rowtide.app.demo.."))))
            .should()
            .dependOnClassesThat(resideInAnyPackage(JDBC));

    @ArchTest
    static final ArchRule debeziumIsBentInOnePackage = noClasses()
            .that(not(resideInAnyPackage("dev.rowtide.cdc.debezium..", SQLITE_CONNECTOR)))
            .should()
            .dependOnClassesThat(resideInAnyPackage(DEBEZIUM)
                    // What an embedding program is meant to use: the engine's API, and the records that it hands out.
                    .and(not(resideInAnyPackage(
                            "io.debezium.engine..",
                            "org.apache.kafka.connect.data..",
                            "org.apache.kafka.connect.source..")))
                    .and(not(equivalentTo(Connect.class))));

    @ArchTest
    static final ArchRule noPackagesInCircles =
            slices().matching("dev.rowtide.(app|feed).(**)").should().beFreeOfCycles();
}
