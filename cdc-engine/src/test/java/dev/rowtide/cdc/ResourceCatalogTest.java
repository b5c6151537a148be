package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.feed.RowShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceCatalogTest {
    private final ResourceCatalog resources = new ResourceCatalog();
    private final List<String> told = new ArrayList<>();

    @Test
    void theListenerIsToldOfEachShapeOnce() throws SourceFailure {
        resources.replace(List.of(resource("post"), resource("tag")));
        resources.listen((resource, shape) -> {
            assertThat(resources.shape(resource)).containsSame(shape);
            told.add(resource + shape.columns());
        });

        resources.describe(Map.of("tag", new RowShape(List.of("a")), "post", new RowShape(List.of("b"))));
        resources.describe(Map.of("tag", new RowShape(List.of("a")), "post", new RowShape(List.of("b"))));
        resources.describe(Map.of("post", new RowShape(List.of("b", "c"))));
        resources.describe(Map.of("post", new RowShape(List.of("b"))));

        assertThat(told).containsExactly("post[b]", "tag[a]", "post[b, c]", "post[b]");
    }

    private static ResourceConfig resource(String name) {
        return ResourceConfig.ofTable(new TableName("public", name), ResourceConfig.Numbers.NUMBER);
    }
}
