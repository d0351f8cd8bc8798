INSERT INTO sa VALUES (10, 'new'); INSERT INTO "Q"."t b" VALUES (3, 's');
