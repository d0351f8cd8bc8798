UPDATE ty SET m = 'c';
--@settle
ALTER TYPE mood ADD VALUE 'b' BEFORE 'c'; ALTER TYPE mood ADD VALUE 'z';
UPDATE ty SET m = 'b';
--@settle
ALTER TABLE ty ADD x int;
UPDATE ty SET m = 'z';
--@settle
ALTER TYPE mood RENAME VALUE 'a' TO 'A';
ALTER TABLE ty DROP x;
INSERT INTO ty(id) VALUES (2);
--@settle
ALTER TYPE pair ADD ATTRIBUTE z int; ALTER TYPE mood RENAME TO feeling; ALTER TABLE ty ALTER l TYPE varchar(50), ALTER n TYPE numeric(8,3);
INSERT INTO ty(id, p) VALUES (3, '(1,b,2)');
--@settle
CREATE TYPE fresh AS ENUM ('f1', 'f2'); ALTER TABLE ty ADD f fresh DEFAULT 'f2', ADD fa fresh[];
INSERT INTO ty(id, f, fa) VALUES (4, 'f1', '{f2}');
