import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/** A PostgreSQL that lives as long as its input. Its first line is the port; then it runs each line of the input as SQL and answers it, as {@code Sql} does. */
final class Postgres {
    public static void main(String[] arguments) throws Exception {
        try (var server = EmbeddedPostgres.builder()
                        .setServerConfig("wal_level", "logical")
                        .setServerConfig("fsync", "off")
                        .start();
                var connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement();
                var lines = new BufferedReader(new InputStreamReader(System.in))) {
            System.out.println(server.getPort());
            for (String line; (line = lines.readLine()) != null; ) {
                String answer = "";
                if (statement.execute(line)) {
                    try (var rows = statement.getResultSet()) {
                        answer = rows.next() ? String.valueOf(rows.getString(1)) : "";
                    }
                }
                System.out.println(answer);
            }
        }
    }
}
