INSERT INTO pp_cols VALUES (2, 'b', 3, 'd'); UPDATE pp_cols SET a = 'z' WHERE id = 2; DELETE FROM pp_cols WHERE id = 2;
INSERT INTO pp_rows VALUES (3, 1), (4, 20); UPDATE pp_rows SET v = 30 WHERE id = 1; UPDATE pp_rows SET v = 1 WHERE id = 2; UPDATE pp_rows SET v = 21 WHERE id = 4; DELETE FROM pp_rows; INSERT INTO pp_not VALUES (2); TRUNCATE pp_cols;
--@settle
ALTER PUBLICATION "odd_pub" ADD TABLE pp_not; INSERT INTO pp_not VALUES (3);
--@settle
ALTER PUBLICATION "odd_pub" SET (publish = 'insert, truncate'); INSERT INTO pp_not VALUES (4); DELETE FROM pp_not; TRUNCATE pp_not;
