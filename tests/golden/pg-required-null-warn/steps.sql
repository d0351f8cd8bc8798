INSERT INTO bad VALUES (3, 1, 'NaN', '{}', NULL, 'required, with a default');
UPDATE bad SET f = '{1}' WHERE id = 2;
--@settle

UPDATE bad SET t = 'f is not sent' WHERE id = 1;
INSERT INTO bad VALUES (4, 'NaN', 1, '{}', NULL, 'required');
BEGIN; UPDATE bad SET t = 'not sent either' WHERE id = 1; INSERT INTO bad VALUES (5, 1, 1, '{}', NULL, 'fine'); COMMIT;

UPDATE bad SET id = 10 WHERE id = 1;
INSERT INTO bad VALUES (6, 1, 1, '{}', '{}', 'fine');
DELETE FROM bad WHERE id = 10;
