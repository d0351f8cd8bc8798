CREATE EXTENSION postgis;
CREATE TABLE big (id int primary key, n int, gg geography NOT NULL);
ALTER TABLE big ALTER gg SET STORAGE EXTERNAL;
INSERT INTO big SELECT 1, 1, ST_MakeLine(array_agg(ST_SetSRID(ST_MakePoint(i, i * 0.5), 4326) ORDER BY i))::geography FROM generate_series(1, 140) i;
