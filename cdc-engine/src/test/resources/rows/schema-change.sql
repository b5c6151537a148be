# Columns come, go, change their name and type while the log is read; a row has the columns of its own time.
CREATE TABLE thing (id int PRIMARY KEY, a text DEFAULT 'd');
INSERT INTO thing VALUES (1);
-> {"resource":"thing","operation":"create","id":1,"data":{"id":1,"a":"d"}}
ALTER TABLE thing ADD COLUMN b numeric(10,2) NOT NULL DEFAULT 1.5;
UPDATE thing SET a = 'e';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"a":"e","b":1.50}}
ALTER TABLE thing RENAME COLUMN a TO c;
UPDATE thing SET c = 'f';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"f","b":1.50}}
ALTER TABLE thing ALTER COLUMN b TYPE text USING 'was ' || b;
UPDATE thing SET c = 'g';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"g","b":"was 1.50"}}
ALTER TABLE thing DROP COLUMN b;
UPDATE thing SET c = 'h';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"h"}}
CREATE TYPE mood AS ENUM ('sad', 'happy');
ALTER TABLE thing ADD COLUMN m mood;
UPDATE thing SET m = 'happy';
-> {"resource":"thing","operation":"update","id":1,"data":{"id":1,"c":"h","m":"happy"}}
