UPDATE ak SET v = '1';
--@settle
ALTER TABLE ak DROP CONSTRAINT ak_pkey, ADD PRIMARY KEY (c, b);
UPDATE ak SET v = '2'; UPDATE ak SET b = 11; UPDATE ak SET id = 2;
--@settle
ALTER TABLE ak RENAME c TO "C";
UPDATE ak SET v = '3'; UPDATE ak SET "C" = 'cc';
--@settle
ALTER TABLE ak DROP CONSTRAINT ak_pkey; ALTER TABLE ak REPLICA IDENTITY FULL;
UPDATE ak SET v = '4';
--@settle
CREATE UNIQUE INDEX ak_u ON ak (v, id);
UPDATE ak SET v = '5';
--@settle
ALTER TABLE ak ADD PRIMARY KEY (id); ALTER TABLE ak REPLICA IDENTITY DEFAULT;
UPDATE ak SET v = '6'; UPDATE ak SET id = 3;
--@settle
ALTER TABLE ak ALTER id TYPE text USING 'k' || id;
UPDATE ak SET v = '7';
--@settle
ALTER TABLE ak DROP id; ALTER TABLE ak REPLICA IDENTITY FULL;
UPDATE ak SET v = '8'; DELETE FROM ak;
