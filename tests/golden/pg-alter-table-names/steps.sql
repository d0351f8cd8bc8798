UPDATE rn SET v = 'b'; UPDATE rn3 SET w = 2;
--@settle
ALTER TABLE rn RENAME TO rn2;
UPDATE rn2 SET v = 'c'; UPDATE rn2 SET id = 2;
--@settle
ALTER TABLE rn2 SET SCHEMA other;
UPDATE other.rn2 SET v = 'd';
--@settle
BEGIN; ALTER TABLE rn3 RENAME TO tmp; ALTER TABLE other.rn2 SET SCHEMA public; ALTER TABLE rn2 RENAME TO rn3; ALTER TABLE tmp RENAME TO rn2; COMMIT;
UPDATE rn3 SET v = 'e'; UPDATE rn2 SET w = 3;
--@settle
ALTER SCHEMA other RENAME TO elsewhere; CREATE SCHEMA other; CREATE TABLE other.rn (n numeric primary key, d date); INSERT INTO other.rn VALUES (1.5, '2024-01-01');
--@settle
DROP TABLE other.rn; CREATE TABLE other.rn (id int, t timestamptz, primary key (id)); INSERT INTO other.rn VALUES (1, '2024-01-01+00');
DROP TABLE rn2; CREATE TABLE rn2 (z int); INSERT INTO rn2 VALUES (1);
