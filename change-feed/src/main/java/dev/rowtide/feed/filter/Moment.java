package dev.rowtide.feed.filter;

/**
 * Dates and times in ISO 8601's form, as PostgreSQL writes and reads them: a year of four or more digits, {@code T} or a blank before the time, {@code BC} behind a blank at the end, {@code infinity}.
 *
 * <p>Days and microseconds count from 2000-01-01, as in PostgreSQL: from 1970 its last timestamps would not fit into a long.
 */
final class Moment {
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
    private static final int FRACTION_DIGITS = 6;
    private static final int MIN_YEAR_DIGITS = 4;
    private static final int MAX_YEAR_DIGITS = 7;
    private static final int MAX_OFFSET_HOURS = 15;
    private static final String BC = " BC";
    private static final int[] MONTH_DAYS = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    /** From 0000-03-01 to 2000-01-01. */
    private static final long DAYS_TO_2000 = 730_425;

    /** The first and the last that PostgreSQL has: 4714-11-24 BC to 5874897-12-31, and to 294276-12-31. */
    private static final long FIRST_DAY = -2_451_545;

    private static final long LAST_DAY = 2_145_031_948L;
    private static final long LAST_TIMESTAMP_DAY = 106_751_982L;

    /** Which parts a text has. */
    enum Form {
        DATE,
        TIMESTAMP,
        TIMESTAMP_WITH_ZONE,
        TIME
    }

    private final String text;
    private int at;
    private int end;

    private Moment(String text, int from, int to) {
        this.text = text;
        at = from;
        end = to;
    }

    /**
     * The days or microseconds of {@code text[from, to)}, and for a time those since midnight.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    static long parse(String text, int from, int to, Form form) {
        Moment moment = new Moment(text, from, to);
        if (form == Form.TIME) {
            long time = moment.time();
            moment.requireEnd();
            return time;
        }
        if (text.startsWith("infinity", from) && to - from == "infinity".length()) {
            return Long.MAX_VALUE;
        }
        if (text.startsWith("-infinity", from) && to - from == "-infinity".length()) {
            return Long.MIN_VALUE;
        }
        return moment.dated(form);
    }

    private long dated(Form form) {
        boolean beforeChrist = end - at > BC.length() && text.startsWith(BC, end - BC.length());
        if (beforeChrist) {
            end -= BC.length();
        }
        long day = day(beforeChrist);
        if (form == Form.DATE) {
            requireEnd();
            return inRange(day, LAST_DAY);
        }
        long micros = 0;
        if (at < end) {
            char separator = text.charAt(at);
            if (separator != 'T' && separator != 't' && separator != ' ') {
                throw wrong("a T stands between date and time");
            }
            at++;
            micros = time();
            if (micros == MICROS_PER_DAY) {
                throw wrong("the hour is 0 to 23");
            }
        }
        long offset = 0;
        if (form == Form.TIMESTAMP_WITH_ZONE) {
            offset = offset();
        }
        requireEnd();
        // One day more at either end: the offset may move it there and back.
        inRange(day, LAST_TIMESTAMP_DAY + 1);
        long moment = day * MICROS_PER_DAY + micros - offset;
        inRange(Math.floorDiv(moment, MICROS_PER_DAY), LAST_TIMESTAMP_DAY);
        return moment;
    }

    private long inRange(long day, long last) {
        if (day < FIRST_DAY || day > last) {
            throw wrong("it is outside of what PostgreSQL has");
        }
        return day;
    }

    private long day(boolean beforeChrist) {
        int digits = digitsFrom(at);
        if (digits < MIN_YEAR_DIGITS || digits > MAX_YEAR_DIGITS) {
            throw wrong("a year has four digits or more");
        }
        int year = number(digits);
        if (year == 0) {
            throw wrong("there is no year 0");
        }
        expect('-');
        int month = number(2);
        expect('-');
        int day = number(2);
        int astronomical = beforeChrist ? 1 - year : year;
        if (month < 1 || month > MONTH_DAYS.length || day < 1 || day > MONTH_DAYS[month - 1]) {
            throw wrong("there is no such day");
        }
        if (month == 2 && day == 29 && !isLeap(astronomical)) {
            throw wrong("that year is no leap year");
        }
        return daysSince2000(astronomical, month, day);
    }

    private static boolean isLeap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    /** The Gregorian calendar in eras of 400 years, each year beginning with March. */
    private static long daysSince2000(int year, int month, int day) {
        long marchYear = month > 2 ? year : year - 1L;
        long era = Math.floorDiv(marchYear, 400L);
        long yearOfEra = marchYear - era * 400;
        long dayOfYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - DAYS_TO_2000;
    }

    private long time() {
        int hour = number(2);
        expect(':');
        int minute = number(2);
        int second = 0;
        long fraction = 0;
        if (at < end && text.charAt(at) == ':') {
            at++;
            second = number(2);
            if (at < end && text.charAt(at) == '.') {
                at++;
                int digits = digitsFrom(at);
                if (digits < 1 || digits > FRACTION_DIGITS) {
                    throw wrong("a second has one to six digits behind the point");
                }
                fraction = number(digits);
                for (int i = digits; i < FRACTION_DIGITS; i++) {
                    fraction *= 10;
                }
            }
        }
        long micros = ((hour * 60L + minute) * 60 + second) * MICROS_PER_SECOND + fraction;
        if (minute > 59 || second > 59 || micros > MICROS_PER_DAY) {
            throw wrong("there is no such time of day");
        }
        return micros;
    }

    private long offset() {
        if (at < end && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) {
            at++;
            return 0;
        }
        if (at == end || (text.charAt(at) != '+' && text.charAt(at) != '-')) {
            throw wrong("it needs a time and an offset from UTC at its end, Z or +02:00");
        }
        boolean west = text.charAt(at) == '-';
        at++;
        int hours = number(2);
        int minutes = 0;
        int seconds = 0;
        if (at < end && text.charAt(at) == ':') {
            at++;
            minutes = number(2);
            if (at < end && text.charAt(at) == ':') {
                at++;
                seconds = number(2);
            }
        }
        if (hours > MAX_OFFSET_HOURS || minutes > 59 || seconds > 59) {
            throw wrong("an offset is less than 16 hours");
        }
        long micros = ((hours * 60L + minutes) * 60 + seconds) * MICROS_PER_SECOND;
        return west ? -micros : micros;
    }

    private int digitsFrom(int from) {
        int i = from;
        while (i < end && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i - from;
    }

    private int number(int digits) {
        if (digitsFrom(at) < digits) {
            throw wrong("a digit is missing");
        }
        int number = 0;
        for (int i = 0; i < digits; i++) {
            number = number * 10 + text.charAt(at++) - '0';
        }
        return number;
    }

    private void expect(char c) {
        if (at == end || text.charAt(at) != c) {
            throw wrong("'" + c + "' is missing");
        }
        at++;
    }

    private void requireEnd() {
        if (at != end) {
            throw wrong("something stands behind it");
        }
    }

    private static IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(why);
    }
}
