INSERT INTO sa VALUES (10, 'new'); INSERT INTO "Q"."t b" VALUES (3, 's');

--@settle
--@rest PUT /connectors/pg-restart-tx/stop
--@wait-stopped
INSERT INTO sa VALUES (11, 'stopped'); DELETE FROM sa WHERE id = 1;
--@rest PUT /connectors/pg-restart-tx/resume
--@wait-streaming
INSERT INTO sa VALUES (12, 'resumed');
