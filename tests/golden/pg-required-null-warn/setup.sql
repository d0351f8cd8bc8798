CREATE TABLE bad (id int primary key, n numeric(6,2) NOT NULL, nd numeric(6,2) NOT NULL DEFAULT 1, f float8[] NOT NULL, o float8[], t text);
ALTER TABLE bad ALTER f SET STORAGE EXTERNAL, ALTER o SET STORAGE EXTERNAL;
INSERT INTO bad SELECT i, 1, 1, array_agg(j * 0.5), array_agg(j * 0.5), 'snapshot' FROM generate_series(1, 2) i, generate_series(1, 300) j GROUP BY i;
