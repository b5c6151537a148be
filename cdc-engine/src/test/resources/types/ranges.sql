create type float_range as range (subtype = float8, multirange_type_name = float_ranges);
create domain a_range as int4range;
int4range | '[1,2]' -> "[1,3)"
int4range | 'empty' -> "empty"
int4range | '(,)' -> "(,)"
int8range | '[9223372036854775806,)' -> "[9223372036854775806,)"
numrange | '[1.10,2.20]' -> "[1.10,2.20]"
daterange | '[2024-02-29,infinity]' -> "[2024-02-29,infinity]"
tsrange | '["2024-02-29 12:00","2024-03-01 12:00")' -> "[\"2024-02-29 12:00:00\",\"2024-03-01 12:00:00\")"
tstzrange | '["2024-02-29 12:00+02",)' -> "[\"2024-02-29 10:00:00+00\",)"
int4multirange | '{[1,3),[5,7)}' -> "{[1,3),[5,7)}"
nummultirange | '{}' -> "{}"
tstzmultirange | '{["2024-02-29 12:00+00",)}' -> "{[\"2024-02-29 12:00:00+00\",)}"
float_range | '[1.5,2.5)' -> "[1.5,2.5)"
float_ranges | '{[1.5,2.5),[3,4]}' -> "{[1.5,2.5),[3,4]}"
a_range | '[1,2)' -> "[1,2)"
int4multirange[] | '{"{[1,2)}","{}"}' -> ["{[1,2)}", "{}"]
