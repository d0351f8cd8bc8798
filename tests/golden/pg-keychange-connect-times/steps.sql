UPDATE k_def SET a = 2 WHERE a = 1;
UPDATE k_def SET v = 'w';
UPDATE k_full SET a = 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
UPDATE k_full SET v = 'w';
UPDATE k_idx SET u = 'u2'; UPDATE k_idx SET id = 2; UPDATE k_idx SET v = 'w'; UPDATE k_idx SET id = 3, u = 'u3';
UPDATE k_num SET n = -0.05; UPDATE k_ts SET t = '1969-12-31 23:59:59.999999'; UPDATE k_tz SET d = '1969-12-31'; UPDATE k_by SET b = '\xff'; UPDATE k_vn SET n = 1e20; UPDATE k_vn SET n = 100000000000000000000.00; UPDATE k_bo SET i = '2 days', f = '-0'; UPDATE k_bo SET b = false; UPDATE k_ar SET a = '{3,NULL}';
DELETE FROM k_def; DELETE FROM k_full; DELETE FROM k_idx; DELETE FROM k_num; DELETE FROM k_ts; DELETE FROM k_tz; DELETE FROM k_by; DELETE FROM k_vn; DELETE FROM k_bo; DELETE FROM k_ar;
