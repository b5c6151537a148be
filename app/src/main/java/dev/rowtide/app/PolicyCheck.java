package dev.rowtide.app;

import dev.rowtide.cdc.RowCondition;
import dev.rowtide.cdc.ShapeListener;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the policies of the gateway against the columns that the engine finds, neither of which knows the other. A rule that does not fit shows nobody anything, so this is how somebody learns of it: from the doctor and at the
 * start by {@link #conditions}, later from the log.
 *
 * <p>Thread-safe.
 */
public final class PolicyCheck implements ShapeListener {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyCheck.class);

    private final List<RowCondition> conditions;

    PolicyCheck(GatewayConfig gateway) {
        conditions = conditions(gateway);
    }

    /** What the rules of all policies ask of rows, each under its key in the configuration, sorted by resource. */
    public static List<RowCondition> conditions(GatewayConfig gateway) {
        List<RowCondition> conditions = new ArrayList<>();
        new TreeMap<>(gateway.policies()).forEach((resource, policy) -> {
            List<ReadPolicy.Rule> rules = policy.rules();
            for (int i = 0; i < rules.size(); i++) {
                RowFilter where = rules.get(i).where();
                if (!where.equals(RowFilter.ALL)) {
                    String key = "resources." + resource + ".read[" + i + "].where";
                    conditions.add(new RowCondition(key, resource, where));
                }
            }
        });
        return List.copyOf(conditions);
    }

    @Override
    public void described(String resource, RowShape shape) {
        for (RowCondition condition : conditions) {
            if (condition.resource().equals(resource)) {
                condition
                        .problem(shape)
                        .ifPresent(problem -> LOG.error(
                                "{}: {}. Until that is mended, those whom the rule is for are shown no rows of '{}'",
                                condition.key(),
                                problem,
                                resource));
            }
        }
    }
}
