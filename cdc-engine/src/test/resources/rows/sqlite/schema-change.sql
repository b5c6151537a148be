# Columns come, go and change their name while the log is read; a row has the columns of its own time. DDL itself tells nothing, whatever it rewrites.
CREATE TABLE thing (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'd');
INSERT INTO thing (id) VALUES (1);
-> {"resource":"thing","operation":"create","id":1,"data":{"id":1,"a":"d"}}
ALTER TABLE thing ADD COLUMN b REAL NOT NULL DEFAULT 1;
UPDATE thing SET a = 'e';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"a":"e","b":1.0},"old":{"id":1,"a":"d","b":1.0},"changed":["a"]}
ALTER TABLE thing RENAME COLUMN a TO c;
UPDATE thing SET c = 'f';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"f","b":1.0}}
ALTER TABLE thing DROP COLUMN b;
VACUUM;
UPDATE thing SET c = 'h';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"h"}}

# A table that is made and filled in one transaction is there with its first row. Dropping it tells nothing, as all DDL.
BEGIN; CREATE TABLE IF NOT EXISTS late (id INTEGER PRIMARY KEY); INSERT INTO late VALUES (7); COMMIT;
-> {"resource":"late","operation":"create","id":7,"data":{"id":7}}
DROP TABLE late;
UPDATE thing SET c = 'i';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"i"}}
