# Subscribers are told; a cascade tells each table.
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
INSERT INTO parent VALUES (1);
-> {"resource":"parent","operation":"create","id":1,"data":{"id":1}}
TRUNCATE parent CASCADE;
-> {"resource":"parent","operation":"truncate","id":null}
-> {"resource":"child","operation":"truncate","id":null}
