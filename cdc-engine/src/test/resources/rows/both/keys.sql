# A change of the key is a delete and a create.
CREATE TABLE item (id text PRIMARY KEY, n int);
INSERT INTO item VALUES ('a:1', 1);
-> {"resource":"item","operation":"create","id":"a:1","channel":"item:a:1","data":{"id":"a:1","n":1}}
UPDATE item SET id = 'b' WHERE id = 'a:1';
-> {"resource":"item","operation":"delete","id":"a:1"}
-> {"resource":"item","operation":"create","id":"b","data":{"id":"b","n":1}}

# Composite keys: in key order, not in table order; percent and comma encoded.
CREATE TABLE line (position int, sheet text, body text, PRIMARY KEY (sheet, position));
INSERT INTO line VALUES (3, 'a,b%', 'x');
-> {"resource":"line","operation":"create","id":"a%2Cb%25,3","channel":"line:a%2Cb%25,3","data":{"position":3,"sheet":"a,b%","body":"x"}}
DELETE FROM line;
-> {"resource":"line","operation":"delete","id":"a%2Cb%25,3"}
