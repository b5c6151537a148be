# A change of the key is a delete and a create; of the row before, the log has the key.
CREATE TABLE item (id text PRIMARY KEY, n int);
INSERT INTO item VALUES ('a:1', 1);
-> {"resource":"item","operation":"create","id":"a:1","data":{"id":"a:1","n":1}}
UPDATE item SET id = 'b' WHERE id = 'a:1';
-> {"resource":"item","operation":"delete","id":"a:1","old":{"id":"a:1"}}
-> {"resource":"item","operation":"create","id":"b","data":{"id":"b","n":1}}

# No primary key: rows have no identity, a unique index does not make one.
CREATE TABLE log_line (at int NOT NULL UNIQUE, body text); ALTER TABLE log_line REPLICA IDENTITY FULL;
INSERT INTO log_line VALUES (1, 'x');
-> {"resource":"log_line","operation":"create","id":null,"data":{"at":1,"body":"x"}}
UPDATE log_line SET body = 'y';
-> {"resource":"log_line","operation":"update","id":null,"data":{"at":1,"body":"y"},"old":{"at":1,"body":"x"},"changed":["body"]}
DELETE FROM log_line;
-> {"resource":"log_line","operation":"delete","id":null,"old":{"at":1,"body":"y"}}

# The id of a record channel is the key as JSON has it.
CREATE TABLE moment (at timestamptz PRIMARY KEY);
INSERT INTO moment VALUES ('2024-02-29 12:00:00+02');
-> {"resource":"moment","operation":"create","id":"2024-02-29T10:00:00+00:00","channel":"moment:2024-02-29T10:00:00+00:00","data":{"at":"2024-02-29T10:00:00+00:00"}}
