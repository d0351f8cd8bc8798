CREATE SCHEMA extensions; CREATE EXTENSION postgis SCHEMA extensions;

CREATE TABLE places (id int primary key, g extensions.geometry NOT NULL, gp extensions.geometry(Point,4326) DEFAULT 'SRID=4326;POINT(5 6)', gg extensions.geography(PointZ,4326) NOT NULL DEFAULT 'POINT Z (1 2 3)', gs extensions.geometry[], ggs extensions.geography[], b2 extensions.box2d, r extensions.geometry_dump, masked extensions.geometry, t text);
ALTER TABLE places REPLICA IDENTITY FULL;
INSERT INTO places VALUES (1, 'POINT(1 2)', 'SRID=4326;POINT(3 4)', 'POINT Z (5 6 7)', ARRAY['POINT(1 2)'::extensions.geometry, NULL], ARRAY['POINT(1 2)'::extensions.geography], 'BOX(1 2,3 4)', '({1},0101000000000000000000F03F0000000000000040)', 'POINT(1 1)', 'secret');
INSERT INTO places(id, g) VALUES (2, 'POINT EMPTY');
