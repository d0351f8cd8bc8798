CREATE EXTENSION postgis;
CREATE FUNCTION line(n int) RETURNS geometry IMMUTABLE LANGUAGE sql AS 'SELECT ST_MakeLine(array_agg(ST_SetSRID(ST_MakePoint(i, i * 0.5), 4326) ORDER BY i)) FROM generate_series(1, n) i';
CREATE DOMAIN place AS geometry;
CREATE TABLE big (id int primary key, n int, g geometry, gnn geometry NOT NULL, gg geography, gs geometry[], ggs geography[], d place, tail text);
ALTER TABLE big ALTER g SET STORAGE EXTERNAL, ALTER gnn SET STORAGE EXTERNAL, ALTER gg SET STORAGE EXTERNAL, ALTER gs SET STORAGE EXTERNAL, ALTER ggs SET STORAGE EXTERNAL, ALTER d SET STORAGE EXTERNAL;
INSERT INTO big VALUES (1, 1, line(140), line(141), line(142)::geography, ARRAY[line(143)], ARRAY[line(144)::geography], line(146), 'end');
CREATE TABLE big_full (LIKE big INCLUDING ALL);
ALTER TABLE big_full REPLICA IDENTITY FULL;
INSERT INTO big_full SELECT * FROM big;
