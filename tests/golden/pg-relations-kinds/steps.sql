INSERT INTO rk VALUES (3, 'c'); INSERT INTO rk_child VALUES (4, 'd', 5); UPDATE rk SET v = 'all'; INSERT INTO rk_unlogged VALUES (2); REFRESH MATERIALIZED VIEW rk_mat; INSERT INTO rk_not VALUES (2); INSERT INTO rk_typed VALUES (2, 'u'); UPDATE rk_view SET v = 'view' WHERE id = 1;
CREATE TEMP TABLE tmp (id int primary key); INSERT INTO tmp VALUES (1);
CREATE TABLE rk_as AS SELECT id, v FROM rk; SELECT id INTO rk_into FROM rk; CREATE TABLE rk_like (LIKE rk INCLUDING ALL); INSERT INTO rk_like SELECT * FROM rk WHERE id < 3;
DELETE FROM rk WHERE id IN (1, 2);
