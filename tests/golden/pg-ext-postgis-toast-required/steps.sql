UPDATE big SET n = 2 WHERE id = 1;
--@wait-failed
