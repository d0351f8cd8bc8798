SET search_path = public, extensions;

INSERT INTO items SELECT id + 10, v, vn, vd, h, hn, s, sn, b, bw, va, ha, sa, dv, t FROM items ORDER BY id;
UPDATE items SET v = '[4,5,6]', h = NULL WHERE id = 11;
UPDATE items SET id = 40 WHERE id = 12;
DELETE FROM items WHERE id = 1;

INSERT INTO items_full SELECT id + 10, v, vn, vd, h, hn, s, sn, b, bw, va, ha, sa, dv, t FROM items_full ORDER BY id;
UPDATE items_full SET v = '[4,5,6]', h = NULL WHERE id = 11;
UPDATE items_full SET id = 40 WHERE id = 12;
DELETE FROM items_full WHERE id = 1;

UPDATE big SET n = 2;
UPDATE big SET n = 3, vn = ARRAY(SELECT 1 FROM generate_series(1, 1000))::vector;
DELETE FROM big;
