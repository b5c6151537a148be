# The row before is always known, and so is what changed; an UPDATE that changes nothing is nothing.
CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
INSERT INTO post VALUES (1, 'a', NULL);
-> {"resource":"post","operation":"create","id":1,"data":{"id":1,"title":"a","body":null}}
UPDATE post SET title = 'a';
UPDATE post SET title = 'b';
-> {"resource":"post","operation":"update","id":1,"data":{"id":1,"title":"b","body":null},"old":{"id":1,"title":"a","body":null},"changed":["title"],"unchanged":[]}
INSERT OR REPLACE INTO post VALUES (1, 'c', 'd');
-> {"resource":"post","operation":"update","id":1,"data":{"id":1,"title":"c","body":"d"},"old":{"id":1,"title":"b","body":null},"changed":["title","body"]}
DELETE FROM post;
-> {"resource":"post","operation":"delete","id":1,"old":{"id":1,"title":"c","body":"d"}}

# A transaction has its net effect: what it undoes itself is not told.
BEGIN; INSERT INTO post VALUES (2, 'x', NULL); UPDATE post SET title = 'y' WHERE id = 2; INSERT INTO post VALUES (3, 'gone', NULL); DELETE FROM post WHERE id = 3; COMMIT;
-> {"resource":"post","operation":"create","id":2,"data":{"id":2,"title":"y","body":null}}
