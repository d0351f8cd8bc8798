INSERT INTO places SELECT id + 10, g, gp, gg, gs, ggs, b2, r, masked, t FROM places;
UPDATE places SET g = 'SRID=3857;POINT(0 0)', gs = NULL WHERE id = 11;
DELETE FROM places WHERE id = 1;
ALTER TABLE places ADD COLUMN later extensions.geometry(Point,4326), ADD COLUMN laterg extensions.geography NOT NULL DEFAULT 'POINT(1 2)';
INSERT INTO places(id, g, later) VALUES (3, 'POINT(1 1)', 'SRID=4326;POINT(1 2)');
UPDATE places SET t = 'x' WHERE id = 2;
