# Values that are stored out of line and did not change are not in the log.
CREATE TABLE doc (id int PRIMARY KEY, n int, body text, tags text[], meta jsonb, raw bytea);
ALTER TABLE doc ALTER body SET STORAGE EXTERNAL, ALTER tags SET STORAGE EXTERNAL, ALTER meta SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL;
INSERT INTO doc SELECT 1, 0, repeat('x', 9000), array_fill('y'::text, ARRAY[3000]), to_jsonb(array_fill('z'::text, ARRAY[3000])), convert_to(repeat('w', 9000), 'UTF8');
-> {"resource":"doc","operation":"create","id":1,"unchanged":[]}
UPDATE doc SET n = 1;
-> {"resource":"doc","operation":"update","id":1,"data":{"id":1,"n":1},"unchanged":["body","tags","meta","raw"]}
UPDATE doc SET body = 'short';
-> {"resource":"doc","operation":"update","id":1,"data":{"id":1,"n":1,"body":"short"},"unchanged":["tags","meta","raw"]}

# With REPLICA IDENTITY FULL they are known from the old row.
ALTER TABLE doc REPLICA IDENTITY FULL;
UPDATE doc SET n = 2, tags = NULL, meta = NULL, raw = NULL;
-> {"resource":"doc","operation":"update","id":1,"data":{"id":1,"n":2,"body":"short","tags":null,"meta":null,"raw":null},"changed":["n","tags","meta","raw"],"unchanged":[]}
