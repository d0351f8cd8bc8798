CREATE SCHEMA other; CREATE SCHEMA "Q";
CREATE TABLE sa (id int primary key, v text); CREATE TABLE sb (id int primary key, v text); CREATE TABLE sc (id int primary key); CREATE TABLE other.sa (id int primary key, v text); CREATE TABLE "Q"."t b" (id int primary key, "V" text); CREATE TABLE s_empty (id int primary key);
INSERT INTO sa VALUES (3, 'c'), (1, 'a'), (2, 'b'); INSERT INTO sb VALUES (1, 'x'); INSERT INTO sc VALUES (2), (1); INSERT INTO other.sa VALUES (1, 'o'), (2, 'p'); INSERT INTO "Q"."t b" VALUES (1, 'q'), (2, 'r');
