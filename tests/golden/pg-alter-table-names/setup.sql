CREATE SCHEMA other; CREATE TABLE rn (id int primary key, v text); CREATE TABLE rn3 (id text primary key, w int, x int default 4); INSERT INTO rn VALUES (1, 'a'); INSERT INTO rn3 VALUES ('k', 1);
