import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.DriverManager;

/** Runs each line of its input as SQL on a SQLite file, as another program that uses the database would, and answers each with a line: the first column of the first row, or nothing. */
final class Sql {
    public static void main(String[] arguments) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0]);
                var statement = connection.createStatement();
                var lines = new BufferedReader(new InputStreamReader(System.in))) {
            statement.execute("PRAGMA busy_timeout = 10000");
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
