UPDATE big SET t = repeat('t', 2500), u = repeat('u', 2500); UPDATE big SET n = 2;
--@settle
ALTER TABLE big ADD w text DEFAULT 'w';
UPDATE big SET n = 3;
--@settle
ALTER TABLE big REPLICA IDENTITY FULL; ALTER TABLE big RENAME t TO tt;
UPDATE big SET n = 4, u = 'short'; UPDATE big SET id = 2;
--@settle
ALTER TABLE big REPLICA IDENTITY DEFAULT; ALTER TABLE big DROP tt;
UPDATE big SET n = 5; DELETE FROM big;
