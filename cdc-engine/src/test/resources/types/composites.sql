create type address as (street text, "House No." int, "quo""te" bool);
create type person as (name text, home address, others address[], note json, tags text[], born timestamptz);
create type nothing as ();
create type one as ("only" text);
create type measured as (big int8, exact numeric, at point, spans int4range, raw bytea);
create domain home as address check ((value)."House No." > 0);
create type changed as (a int, dropped text, b int);
alter type changed drop attribute dropped;
alter type changed add attribute c text[];
create table entry (id int primary key, gone int, label text not null);
alter table entry drop column gone;
address | row('Main st', 5, true) -> {"street": "Main st", "House No.": 5, "quo\"te": true}
address | row('', NULL, NULL) -> {"street": "", "House No.": null, "quo\"te": null}
address | row(NULL, NULL, NULL) -> {"street": null, "House No.": null, "quo\"te": null}
address | row(E'a "b", (c) \\ d\n', -1, false) -> {"street": "a \"b\", (c) \\ d\n", "House No.": -1, "quo\"te": false}
address | row('"', 0, NULL) -> {"street": "\"", "House No.": 0, "quo\"te": null}
address | row(E'\\', 0, NULL) -> {"street": "\\", "House No.": 0, "quo\"te": null}
address | row('""', 0, NULL) -> {"street": "\"\"", "House No.": 0, "quo\"te": null}
address | row('NULL', 0, NULL) -> {"street": "NULL", "House No.": 0, "quo\"te": null}
nothing | row() -> {}
one | row('') -> {"only": ""}
one | row(NULL) -> {"only": null}
one | row(')') -> {"only": ")"}
measured | row(9223372036854775807, 1.10, '(1,2)', '[1,2)', '\x00') -> {"big": 9223372036854775807, "exact": 1.10, "at": "(1,2)", "spans": "[1,2)", "raw": "\\x00"}
changed | row(1, 2, array['x y']) -> {"a": 1, "b": 2, "c": ["x y"]}
home | row('x', 1, NULL)::address -> {"street": "x", "House No.": 1, "quo\"te": null}
entry | row(1, 'a row of a table') -> {"id": 1, "label": "a row of a table"}
person | row(E'O"Neil\\, Jr.', row('a, "b"', 1, true), array[row('(', 2, false), NULL, row(NULL, NULL, NULL)]::address[], '{"k": "v,)\"", "k": 1}', array['{', '"', NULL], '2024-02-29 12:00+00') -> {"name": "O\"Neil\\, Jr.", "home": {"street": "a, \"b\"", "House No.": 1, "quo\"te": true}, "others": [{"street": "(", "House No.": 2, "quo\"te": false}, null, {"street": null, "House No.": null, "quo\"te": null}], "note": {"k": 1}, "tags": ["{", "\"", null], "born": "2024-02-29T12:00:00+00:00"}
address[] | array[row('a b', 1, NULL), row('', 2, NULL), row(NULL, NULL, NULL)]::address[] -> [{"street": "a b", "House No.": 1, "quo\"te": null}, {"street": "", "House No.": 2, "quo\"te": null}, {"street": null, "House No.": null, "quo\"te": null}]
address[] | array[array[row('a', 1, NULL)], array[row('b', 2, NULL)]]::address[] -> [[{"street": "a", "House No.": 1, "quo\"te": null}], [{"street": "b", "House No.": 2, "quo\"te": null}]]
