package dev.rowtide.sqlite.log;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What {@link OtherProcess} runs where there is no python3. */
final class OtherProcessMain {
    private OtherProcessMain() {}

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + args[0]);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout=" + (int) (Double.parseDouble(args[1]) * 1000));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                try {
                    if (line.startsWith("repeat ")) {
                        String[] words = line.split(" ", 3);
                        System.out.println(repeat(statement, Integer.parseInt(words[1]), words[2]));
                    } else if (statement.execute(line)) {
                        print(statement.getResultSet());
                    }
                    System.out.println(".");
                } catch (SQLException e) {
                    System.out.println("! " + e.getMessage());
                }
                System.out.flush();
            }
        }
    }

    private static int repeat(Statement statement, int times, String sql) throws Exception {
        int busy = 0;
        for (int i = 0; i < times; i++) {
            boolean met = false;
            for (boolean done = false; !done; ) {
                try {
                    statement.execute(sql);
                    done = true;
                } catch (SQLException e) {
                    if (!SqliteConnections.busy(e)) {
                        throw e;
                    }
                    met = true;
                    Thread.sleep(1);
                }
            }
            busy += met ? 1 : 0;
        }
        return busy;
    }

    private static void print(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            List<String> values = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                values.add(rows.getString(i));
            }
            System.out.println(String.join("|", values));
        }
    }
}
