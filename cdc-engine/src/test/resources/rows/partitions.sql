# Partitions arrive under their root's name, also those that are made later.
CREATE TABLE reading (day date, v int, PRIMARY KEY (day)) PARTITION BY RANGE (day);
CREATE TABLE reading_2024 PARTITION OF reading FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO reading VALUES ('2024-05-01', 1);
-> {"resource":"reading","operation":"create","id":"2024-05-01","data":{"day":"2024-05-01","v":1}}
CREATE TABLE reading_2025 PARTITION OF reading FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO reading VALUES ('2025-05-01', 2);
-> {"resource":"reading","operation":"create","id":"2025-05-01","data":{"day":"2025-05-01","v":2}}
UPDATE reading SET day = '2025-06-01' WHERE day = '2024-05-01';
-> {"resource":"reading","operation":"delete","id":"2024-05-01"}
-> {"resource":"reading","operation":"create","id":"2025-06-01","data":{"day":"2025-06-01","v":1}}
