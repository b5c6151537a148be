create extension hstore;
create extension citext;
create extension cube;
create extension ltree;
create extension isn;
create domain labels as hstore;
create type labelled as (id int8, labels hstore, name citext);
create schema "Odd.Schema";
create type "Odd.Schema"."Odd Type" as ("Odd Field" hstore);
-- to_jsonb calls such a function; we cannot, and write the text
create type celsius as enum ('cold', 'hot');
create function celsius_as_json(celsius) returns json language sql immutable as $$ select '{"c": 1}'::json $$;
create cast (celsius as json) with function celsius_as_json(celsius);
-- casts that to_jsonb does not look at: to jsonb, and to json without a function
create type kelvin as enum ('cold', 'hot');
create function kelvin_as_jsonb(kelvin) returns jsonb language sql immutable as $$ select '{"k": 1}'::jsonb $$;
create cast (kelvin as jsonb) with function kelvin_as_jsonb(kelvin);
create cast (kelvin as json) with inout;
hstore | '' -> {}
hstore | 'a=>1, b=>NULL, c=>"NULL", ""=>""' -> {"": "", "a": "1", "b": null, "c": "NULL"}
hstore | hstore(E'k"\\,=>', E'v"\\\n, "=>😀') -> {"k\"\\,=>": "v\"\\\n, \"=>😀"}
hstore[] | array['a=>1'::hstore, NULL, hstore('"', E'\\')] -> [{"a": "1"}, null, {"\"": "\\"}]
labels | 'a=>"x y"' -> {"a": "x y"}
labelled | row(1, 'a=>"q\"q"', 'N"') -> {"id": 1, "labels": {"a": "q\"q"}, "name": "N\""}
"Odd.Schema"."Odd Type" | row('a=>1') -> {"Odd Field": {"a": "1"}}
"Odd.Schema"."Odd Type"[] | array[row('a=>"b c"')::"Odd.Schema"."Odd Type"] -> [{"Odd Field": {"a": "b c"}}]
citext | 'MiXed "q"' -> "MiXed \"q\""
citext[] | '{A,"b c"}' -> ["A", "b c"]
cube | '(1,2),(3,4)' -> "(1, 2),(3, 4)"
ltree | 'Top.Science' -> "Top.Science"
isbn | '978-0-393-04002-9' -> "0-393-04002-X"
celsius | 'cold' => "cold"
kelvin | 'cold' -> "cold"
