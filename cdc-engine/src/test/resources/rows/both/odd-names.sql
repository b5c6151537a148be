# Names that need quotes, in every place.
CREATE TABLE "Order.Item, x" ("Id" int PRIMARY KEY, "weird ""name""" text, "ünïcode" text);
INSERT INTO "Order.Item, x" VALUES (1, 'a', 'b');
-> {"resource":"Order.Item, x","operation":"create","id":1,"data":{"Id":1,"weird \"name\"":"a","ünïcode":"b"}}
