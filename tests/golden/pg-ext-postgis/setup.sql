CREATE EXTENSION postgis;
CREATE DOMAIN place AS geometry; CREATE DOMAIN spot AS geography(Point,4326);
CREATE TABLE geo (id int primary key,
 g geometry, gp geometry(Point,4326), gz geometry(PointZ,3857), gm geometry(PointM), gzm geometry(PointZM,4326), gl geometry(LineString,4326),
 gpo geometry(Polygon,25832), gmp geometry(MultiPolygon,4326), gco geometry(GeometryCollection), gcu geometry(CircularString,4326),
 gnn geometry NOT NULL DEFAULT 'POINT(1 2)', gd geometry(Point,4326) DEFAULT 'SRID=4326;POINT(5 6)', gf geometry NOT NULL DEFAULT ST_MakePoint(7, 8),
 gg geography, ggp geography(Point,4326), ggz geography(PointZ,4326), gg2 geography(Point,4267), ggnn geography NOT NULL DEFAULT 'POINT(1 2)', ggd geography DEFAULT 'POINT(3 4)',
 gs geometry[], gsp geometry(Point,4326)[], gsnn geometry[] NOT NULL DEFAULT '{}', ggs geography[], ggsnn geography(Point)[] NOT NULL DEFAULT '{}',
 p point, pnn point NOT NULL DEFAULT '(3,4)', pd point DEFAULT '(5,6)', ps point[], psnn point[] NOT NULL DEFAULT '{}',
 b2 box2d, b3 box3d, bs box[], d place, dnn place NOT NULL DEFAULT 'POINT(9 9)', dg spot, da place[], tail text NOT NULL DEFAULT 'end');

INSERT INTO geo VALUES (1, 'POINT(1.5 -2.25)', 'SRID=4326;POINT(13.4 52.5)', 'SRID=3857;POINT Z (1 2 3)', 'POINT M (1 2 4)', 'SRID=4326;POINT ZM (1 2 3 4)', 'SRID=4326;LINESTRING(0 0,1 1,2 0.1)',
 'SRID=25832;POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))', 'SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))', 'GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))', 'SRID=4326;CIRCULARSTRING(0 0,1 1,2 0)',
 'SRID=31467;POINT(3 4)', 'SRID=4326;POINT(-1 -1)', 'TRIANGLE((0 0,0 9,9 0,0 0))',
 'POINT(13.4 52.5)', 'POINT(-71.06 42.36)', 'POINT Z (1 2 3)', 'SRID=4267;POINT(1 2)', 'SRID=4326;LINESTRING(0 0,1 1)', 'POLYGON((0 0,1 0,1 1,0 0))',
 ARRAY['POINT(1 2)'::geometry, 'SRID=4326;POINT(3 4)', NULL], ARRAY['SRID=4326;POINT(3 4)'::geometry], ARRAY['POINT EMPTY'::geometry, 'LINESTRING(0 0,1 1)'], ARRAY['POINT(1 2)'::geography, NULL, 'SRID=4267;POINT(3 4)'], ARRAY['POINT(1 2)'::geography],
 '(1.5,-2.25)', '(1e300,1e-7)', '(NaN,Infinity)', '{"(1,2)","(3,4)"}', '{"(1,2)",NULL}',
 'BOX(1 2,3 4)', 'BOX3D(1 2 3,4 5 6)', '{(1,2),(3,4);(5,6),(7,8)}', 'SRID=4326;POINT(1 1)', 'POINT(2 2)', 'POINT(3 3)', ARRAY['POINT(1 1)'::place], 'last');
INSERT INTO geo(id) VALUES (2);
INSERT INTO geo VALUES (3, 'GEOMETRYCOLLECTION EMPTY', 'SRID=4326;POINT EMPTY', 'SRID=3857;POINT Z EMPTY', 'POINT M EMPTY', 'SRID=4326;POINT ZM EMPTY', 'SRID=4326;LINESTRING EMPTY',
 'SRID=25832;POLYGON EMPTY', 'SRID=4326;MULTIPOLYGON EMPTY', 'GEOMETRYCOLLECTION EMPTY', 'SRID=4326;CIRCULARSTRING EMPTY',
 'SRID=4326;GEOMETRYCOLLECTION EMPTY', NULL, 'POINT EMPTY', 'GEOMETRYCOLLECTION EMPTY', 'POINT EMPTY', 'POINT Z EMPTY', 'SRID=4267;POINT EMPTY', 'POINT EMPTY', NULL,
 '{}', '{}', '{}', '{}', '{}', NULL, '(0,-0)', NULL, '{}', '{}', NULL, NULL, '{}', 'POINT EMPTY', 'POINT EMPTY', NULL, '{}', '');
INSERT INTO geo(id, g, gs, ggs, gsnn, p) VALUES (4, ST_GeomFromEWKB('\x00000000013ff00000000000004000000000000000'), ARRAY[ARRAY['POINT(1 2)'::geometry], ARRAY['POINT(3 4)'::geometry]], '[2:3]={0101000000000000000000F03F0000000000000040:0101000000000000000000F03F0000000000000040}', '{NULL}', '(-1.25e-9,123456789.125)'),
 (5, 'POINT(NaN 1)', '{}', NULL, ARRAY['SRID=3857;TIN(((0 0 0,0 0 1,0 1 0,0 0 0)))'::geometry], '(infinity,-infinity)'),
 (6, 'SRID=999999;POINT(1 2)', NULL, NULL, ARRAY['SRID=0;POINT(1 2)'::geometry], '(100,1000000)');
CREATE TABLE geo_full (id int primary key,
 g geometry, gp geometry(Point,4326), gz geometry(PointZ,3857), gm geometry(PointM), gzm geometry(PointZM,4326), gl geometry(LineString,4326),
 gpo geometry(Polygon,25832), gmp geometry(MultiPolygon,4326), gco geometry(GeometryCollection), gcu geometry(CircularString,4326),
 gnn geometry NOT NULL DEFAULT 'POINT(1 2)', gd geometry(Point,4326) DEFAULT 'SRID=4326;POINT(5 6)', gf geometry NOT NULL DEFAULT ST_MakePoint(7, 8),
 gg geography, ggp geography(Point,4326), ggz geography(PointZ,4326), gg2 geography(Point,4267), ggnn geography NOT NULL DEFAULT 'POINT(1 2)', ggd geography DEFAULT 'POINT(3 4)',
 gs geometry[], gsp geometry(Point,4326)[], gsnn geometry[] NOT NULL DEFAULT '{}', ggs geography[], ggsnn geography(Point)[] NOT NULL DEFAULT '{}',
 p point, pnn point NOT NULL DEFAULT '(3,4)', pd point DEFAULT '(5,6)', ps point[], psnn point[] NOT NULL DEFAULT '{}',
 b2 box2d, b3 box3d, bs box[], d place, dnn place NOT NULL DEFAULT 'POINT(9 9)', dg spot, da place[], tail text NOT NULL DEFAULT 'end');

INSERT INTO geo_full VALUES (1, 'POINT(1.5 -2.25)', 'SRID=4326;POINT(13.4 52.5)', 'SRID=3857;POINT Z (1 2 3)', 'POINT M (1 2 4)', 'SRID=4326;POINT ZM (1 2 3 4)', 'SRID=4326;LINESTRING(0 0,1 1,2 0.1)',
 'SRID=25832;POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))', 'SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))', 'GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))', 'SRID=4326;CIRCULARSTRING(0 0,1 1,2 0)',
 'SRID=31467;POINT(3 4)', 'SRID=4326;POINT(-1 -1)', 'TRIANGLE((0 0,0 9,9 0,0 0))',
 'POINT(13.4 52.5)', 'POINT(-71.06 42.36)', 'POINT Z (1 2 3)', 'SRID=4267;POINT(1 2)', 'SRID=4326;LINESTRING(0 0,1 1)', 'POLYGON((0 0,1 0,1 1,0 0))',
 ARRAY['POINT(1 2)'::geometry, 'SRID=4326;POINT(3 4)', NULL], ARRAY['SRID=4326;POINT(3 4)'::geometry], ARRAY['POINT EMPTY'::geometry, 'LINESTRING(0 0,1 1)'], ARRAY['POINT(1 2)'::geography, NULL, 'SRID=4267;POINT(3 4)'], ARRAY['POINT(1 2)'::geography],
 '(1.5,-2.25)', '(1e300,1e-7)', '(NaN,Infinity)', '{"(1,2)","(3,4)"}', '{"(1,2)",NULL}',
 'BOX(1 2,3 4)', 'BOX3D(1 2 3,4 5 6)', '{(1,2),(3,4);(5,6),(7,8)}', 'SRID=4326;POINT(1 1)', 'POINT(2 2)', 'POINT(3 3)', ARRAY['POINT(1 1)'::place], 'last');
INSERT INTO geo_full(id) VALUES (2);
INSERT INTO geo_full VALUES (3, 'GEOMETRYCOLLECTION EMPTY', 'SRID=4326;POINT EMPTY', 'SRID=3857;POINT Z EMPTY', 'POINT M EMPTY', 'SRID=4326;POINT ZM EMPTY', 'SRID=4326;LINESTRING EMPTY',
 'SRID=25832;POLYGON EMPTY', 'SRID=4326;MULTIPOLYGON EMPTY', 'GEOMETRYCOLLECTION EMPTY', 'SRID=4326;CIRCULARSTRING EMPTY',
 'SRID=4326;GEOMETRYCOLLECTION EMPTY', NULL, 'POINT EMPTY', 'GEOMETRYCOLLECTION EMPTY', 'POINT EMPTY', 'POINT Z EMPTY', 'SRID=4267;POINT EMPTY', 'POINT EMPTY', NULL,
 '{}', '{}', '{}', '{}', '{}', NULL, '(0,-0)', NULL, '{}', '{}', NULL, NULL, '{}', 'POINT EMPTY', 'POINT EMPTY', NULL, '{}', '');
INSERT INTO geo_full(id, g, gs, ggs, gsnn, p) VALUES (4, ST_GeomFromEWKB('\x00000000013ff00000000000004000000000000000'), ARRAY[ARRAY['POINT(1 2)'::geometry], ARRAY['POINT(3 4)'::geometry]], '[2:3]={0101000000000000000000F03F0000000000000040:0101000000000000000000F03F0000000000000040}', '{NULL}', '(-1.25e-9,123456789.125)'),
 (5, 'POINT(NaN 1)', '{}', NULL, ARRAY['SRID=3857;TIN(((0 0 0,0 0 1,0 1 0,0 0 0)))'::geometry], '(infinity,-infinity)'),
 (6, 'SRID=999999;POINT(1 2)', NULL, NULL, ARRAY['SRID=0;POINT(1 2)'::geometry], '(100,1000000)');
ALTER TABLE geo_full REPLICA IDENTITY FULL;
CREATE TABLE geo_key (g geometry(Point,4326) primary key, n int);
INSERT INTO geo_key VALUES ('SRID=4326;POINT(1 2)', 1);
CREATE TABLE geog_key (gg geography, p point, n int, primary key (n, gg));
INSERT INTO geog_key VALUES ('POINT(1 2)', '(1,2)', 1);
