package dev.rowtide.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
    private static final RowShape SHAPE = new RowShape(List.of("id", "title", "body"));

    @Test
    void whatTheLogDoesNotHoldIsNotNullInTheDatabase() {
        Row row = new Row(SHAPE, new String[] {"1", "null", null});
        assertThat(row.json("title")).isEqualTo("null");
        assertThat(row.json("body")).isNull();
        assertThat(row.missing()).containsExactly("body");
        assertThat(row.json("nowhere")).isNull();
        assertThat(row).hasToString("{id: 1, title: null}");
    }

    @Test
    void theClassOfAValueIsKnownWhereItsJsonMisleads() {
        Row row = new Row(SHAPE, new String[] {"\"1\"", "\"AA==\"", "\"text\""}, new StorageClass[] {
            StorageClass.INTEGER, StorageClass.BLOB, null
        });
        assertThat(row.storageClass(0)).isEqualTo(StorageClass.INTEGER);
        assertThat(row.storageClass(1)).isEqualTo(StorageClass.BLOB);
        assertThat(row.storageClass(2)).isNull();
        assertThat(new Row(SHAPE, new String[] {"1", "2", "3"}).storageClass(0)).isNull();
    }

    @Test
    void valuesAndColumnsMustAgree() {
        assertThatThrownBy(() -> new Row(SHAPE, new String[] {"1", "2", "3"}, new StorageClass[0]))
                .hasMessageContaining("0 storage classes for 3 values");
        assertThatThrownBy(() -> new Row(SHAPE, new String[] {"1"})).hasMessageContaining("1 values for 3 columns");
    }
}
