INSERT INTO sa VALUES (10, 'new'); INSERT INTO "Q"."t b" VALUES (3, 's');

--@settle
--@rest PUT /connectors/pg-drop-on-stop/stop
--@wait-stopped
INSERT INTO sa VALUES (11, 'stopped');
--@rest PUT /connectors/pg-drop-on-stop/resume
--@wait-streaming
--@settle
INSERT INTO sa VALUES (12, 'resumed');
