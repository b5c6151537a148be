# FULL: the old row is known, and so is what changed.
CREATE TABLE full_row (id int PRIMARY KEY, a text, b text);
ALTER TABLE full_row REPLICA IDENTITY FULL;
INSERT INTO full_row VALUES (1, 'x', NULL);
-> {"resource":"full_row","operation":"create","id":1,"data":{"id":1,"a":"x","b":null}}
UPDATE full_row SET a = 'y';
-> {"resource":"full_row","operation":"update","id":1,"data":{"id":1,"a":"y","b":null},"old":{"id":1,"a":"x","b":null},"changed":["a"]}
UPDATE full_row SET a = 'y';
-> {"resource":"full_row","operation":"update","id":1,"data":{"id":1,"a":"y","b":null},"old":{"id":1,"a":"y","b":null},"changed":[]}
DELETE FROM full_row;
-> {"resource":"full_row","operation":"delete","id":1,"old":{"id":1,"a":"y","b":null}}

# USING INDEX: the old row has the index's columns; the record is still addressed by its primary key.
CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, note text);
CREATE UNIQUE INDEX by_index_code ON by_index (code, id);
ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code;
INSERT INTO by_index VALUES (7, 'c', 'n');
-> {"resource":"by_index","operation":"create","id":7,"data":{"id":7,"code":"c","note":"n"}}
DELETE FROM by_index;
-> {"resource":"by_index","operation":"delete","id":7,"old":{"id":7,"code":"c"}}
