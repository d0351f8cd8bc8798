UPDATE kc_a SET v = 'b'; UPDATE kc_b SET v = 'b'; UPDATE kc_b SET id = 2; INSERT INTO other.kc_b VALUES (NULL, NULL, 3); UPDATE kc_c SET v = 'b'; UPDATE kc_c SET id = 5; UPDATE kc_d SET v = 'b'; UPDATE kc_d SET x = 4;
DELETE FROM kc_a; DELETE FROM kc_b; DELETE FROM kc_c; DELETE FROM kc_d;
