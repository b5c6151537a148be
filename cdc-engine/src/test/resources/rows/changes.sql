# With the default replica identity the log has of a deleted row its key, and of an updated one nothing.
CREATE TABLE post (id int PRIMARY KEY, title text);
INSERT INTO post VALUES (1, 'a');
-> {"resource":"post","operation":"create","id":1,"data":{"id":1,"title":"a"}}
DELETE FROM post WHERE id = 1;
-> {"resource":"post","operation":"delete","id":1,"old":{"id":1}}
