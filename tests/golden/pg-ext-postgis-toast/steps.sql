UPDATE big SET n = 2 WHERE id = 1;
UPDATE big SET n = 3, gg = 'POINT(1 2)' WHERE id = 1;
UPDATE big_full SET n = 2 WHERE id = 1;
UPDATE big_full SET n = 3, g = 'POINT(1 2)' WHERE id = 1;
DELETE FROM big;
DELETE FROM big_full;
