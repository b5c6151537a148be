# A column holds values of any class; each is written as json_object writes it, BLOBs in base64.
CREATE TABLE v (id INTEGER PRIMARY KEY, a);
INSERT INTO v VALUES (1, 5);
-> {"data":{"id":1,"a":5}}
INSERT INTO v VALUES (2, 5.0);
-> {"data":{"id":2,"a":5.0}}
INSERT INTO v VALUES (3, '5');
-> {"data":{"id":3,"a":"5"}}
INSERT INTO v VALUES (4, x'0001ff');
-> {"data":{"id":4,"a":"AAH/"}}
INSERT INTO v VALUES (5, x'');
-> {"data":{"id":5,"a":""}}
INSERT INTO v VALUES (6, -9223372036854775808);
-> {"data":{"id":6,"a":-9223372036854775808}}
INSERT INTO v VALUES (7, 1e308);
-> {"data":{"id":7,"a":1.0e+308}}
INSERT INTO v VALUES (8, 9e999);
-> {"data":{"id":8,"a":"Infinity"}}
INSERT INTO v VALUES (9, -9e999);
-> {"data":{"id":9,"a":"-Infinity"}}
INSERT INTO v VALUES (10, 0.1 + 0.2);
-> {"data":{"id":10,"a":0.30000000000000004}}
INSERT INTO v VALUES (11, 'a' || char(0) || char(10) || char(128512) || '\"');
-> {"data":{"id":11,"a":"a\u0000\n😀\\\""}}
INSERT INTO v VALUES (12, CAST(x'61ff62' AS TEXT));
-> {"data":{"id":12,"a":"a�b"}}
INSERT INTO v VALUES (13, json('{"b":[1,2]}'));
-> {"data":{"id":13,"a":"{\"b\":[1,2]}"}}

# The declared type is a preference, which SQLite applies before it stores.
CREATE TABLE d (id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, n NUMERIC, b BOOLEAN, w DATETIME);
INSERT INTO d VALUES (1, '7', 5, 7, '3.0', TRUE, '2024-02-29 12:00:00');
-> {"data":{"id":1,"i":7,"r":5.0,"t":"7","n":3,"b":1,"w":"2024-02-29 12:00:00"}}
INSERT INTO d VALUES (2, 'x', 'y', NULL, 1.5, 'no', x'01');
-> {"data":{"id":2,"i":"x","r":"y","t":null,"n":1.5,"b":"no","w":"AQ=="}}

# Generated columns: stored ones are in the row, virtual ones are not.
CREATE TABLE g (id INTEGER PRIMARY KEY, n INT, twice INT AS (n * 2) STORED, thrice INT AS (n * 3));
INSERT INTO g (id, n) VALUES (1, 4);
-> {"data":{"id":1,"n":4,"twice":8}}
