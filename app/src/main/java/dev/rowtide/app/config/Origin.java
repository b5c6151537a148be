package dev.rowtide.app.config;

/**
 * Where a value was given, as a person finds it again.
 *
 * @param place a file's path, {@code environment PORT_NAME} or {@code --option}
 * @param line 1 for the first line; 0 where there are no lines
 */
record Origin(String place, int line) {

    static Origin environment(String variable) {
        return new Origin("environment " + variable, 0);
    }

    static Origin commandLine(String option) {
        return new Origin(option, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? place : place + ':' + line;
    }
}
