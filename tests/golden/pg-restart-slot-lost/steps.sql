INSERT INTO sa VALUES (10, 'new'); INSERT INTO "Q"."t b" VALUES (3, 's');

--@settle
--@rest PUT /connectors/pg-restart-slot-lost/stop
--@wait-stopped
SELECT pg_drop_replication_slot('debezium');
INSERT INTO sa VALUES (11, 'lost meanwhile');
--@rest PUT /connectors/pg-restart-slot-lost/resume
--@wait-streaming
--@settle
INSERT INTO sa VALUES (12, 'resumed');
