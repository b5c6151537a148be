# Keys of all kinds. A table without a declared key has no ids, whatever else is unique.
CREATE TABLE wr (code TEXT PRIMARY KEY, n INT) WITHOUT ROWID;
INSERT INTO wr VALUES ('k,1', 1);
-> {"resource":"wr","operation":"create","id":"k,1","channel":"wr:k,1","data":{"code":"k,1","n":1}}
UPDATE wr SET n = 2;
-> {"resource":"wr","operation":"update","id":"k,1","old":{"code":"k,1","n":1},"changed":["n"]}

CREATE TABLE log_line (at INT NOT NULL UNIQUE, body TEXT);
INSERT INTO log_line VALUES (1, 'x');
-> {"resource":"log_line","operation":"create","id":null,"data":{"at":1,"body":"x"}}
UPDATE log_line SET body = 'y';
-> {"resource":"log_line","operation":"update","id":null,"data":{"at":1,"body":"y"},"old":{"at":1,"body":"x"},"changed":["body"]}
DELETE FROM log_line;
-> {"resource":"log_line","operation":"delete","id":null,"old":{"at":1,"body":"y"}}

# REPLACE of a row whose key is not the rowid is an update, too.
CREATE TABLE setting (name TEXT PRIMARY KEY, value);
INSERT INTO setting VALUES ('colour', 'red');
-> {"resource":"setting","operation":"create","id":"colour"}
REPLACE INTO setting VALUES ('colour', 'blue');
-> {"resource":"setting","operation":"update","id":"colour","data":{"name":"colour","value":"blue"},"old":{"name":"colour","value":"red"}}

# A BLOB as key is base64 in the channel, too; a NULL in a key is no identity.
CREATE TABLE file (hash BLOB PRIMARY KEY, n INT);
INSERT INTO file VALUES (x'fbff', 1);
-> {"resource":"file","operation":"create","id":"+/8=","channel":"file:+/8="}
INSERT INTO file VALUES (NULL, 2);
-> {"resource":"file","operation":"create","id":null}
