INSERT INTO ext SELECT id || '2', c, l, la, q, i10, i13, e, u, ism, iss, isna, cu, sg FROM ext ORDER BY id;
UPDATE ext SET id = 'KEY2' WHERE id = 'key2';
UPDATE ext SET c = NULL WHERE id = 'key';
DELETE FROM ext WHERE id = 'key';
