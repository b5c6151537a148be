# Insert, update and delete of a table with a key.
CREATE TABLE post (id int PRIMARY KEY, title text, views int8);
INSERT INTO post VALUES (1, 'Hällo "you"', 9007199254740993);
-> {"resource":"post","operation":"create","id":1,"data":{"id":1,"title":"Hällo \"you\"","views":9007199254740993}}
UPDATE post SET title = NULL WHERE id = 1;
-> {"resource":"post","operation":"update","id":1,"data":{"id":1,"title":null,"views":9007199254740993}}
DELETE FROM post WHERE id = 1;
-> {"resource":"post","operation":"delete","id":1}

# A rolled-back savepoint leaves no trace, the rest of its transaction does.
BEGIN; INSERT INTO post VALUES (2, 'a', 0); SAVEPOINT s; INSERT INTO post VALUES (3, 'b', 0); ROLLBACK TO s; INSERT INTO post VALUES (4, 'c', 0); COMMIT;
-> {"resource":"post","operation":"create","id":2,"data":{"id":2,"title":"a","views":0}}
-> {"resource":"post","operation":"create","id":4,"data":{"id":4,"title":"c","views":0}}
