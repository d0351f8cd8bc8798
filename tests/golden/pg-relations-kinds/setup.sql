CREATE TABLE rk (id int primary key, v text); INSERT INTO rk VALUES (1, 'a');
CREATE TABLE rk_child (w int) INHERITS (rk); ALTER TABLE rk_child ADD PRIMARY KEY (id); INSERT INTO rk_child VALUES (2, 'b', 3);
CREATE UNLOGGED TABLE rk_unlogged (id int primary key); INSERT INTO rk_unlogged VALUES (1);
CREATE VIEW rk_view AS SELECT * FROM rk; CREATE MATERIALIZED VIEW rk_mat AS SELECT * FROM rk;
CREATE TABLE rk_not (id int primary key); INSERT INTO rk_not VALUES (1);
CREATE TYPE rk_type AS (id int, v text); CREATE TABLE rk_typed OF rk_type (PRIMARY KEY (id)); INSERT INTO rk_typed VALUES (1, 't');
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER sv FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE rk_foreign (id int) SERVER sv;
