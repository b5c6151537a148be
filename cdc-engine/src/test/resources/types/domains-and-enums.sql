create type mood as enum ('sad', 'ok', 'ha"ppy', 'zu frieden 😀');
create domain email as text check (value like '%@%');
create domain work_email as email check (value like '%@work');
create domain amount as numeric(12,2);
create domain big as int8;
create domain scores as int[];
create domain flag as bool;
create domain moment as timestamptz;
create domain document as json;
create domain some_moods as mood[];
mood | 'sad' -> "sad"
mood | 'ha"ppy' -> "ha\"ppy"
mood | 'zu frieden 😀' -> "zu frieden 😀"
email | 'a@b' -> "a@b"
work_email | 'a@work' -> "a@work"
amount | '12345678.90' -> 12345678.90
big | '-9223372036854775808' -> -9223372036854775808
scores | '{{1},{NULL}}' -> [[1], [null]]
flag | 't' -> true
moment | '2024-02-29 12:00+00' -> "2024-02-29T12:00:00+00:00"
document | '{"a": 1, "a": [2]}' -> {"a": [2]}
some_moods | '{sad,NULL,"ha\"ppy"}' -> ["sad", null, "ha\"ppy"]
big[] | array['9007199254740993'::big, NULL] -> [9007199254740993, null]
moment[] | array['2024-02-29 12:00+00'::moment] -> ["2024-02-29T12:00:00+00:00"]
information_schema.sql_identifier | 'x' -> "x"
