CREATE SCHEMA extensions; CREATE EXTENSION vector SCHEMA extensions;
SET search_path = public, extensions;
CREATE DOMAIN embedding AS vector(2);
CREATE TABLE items (id bigserial primary key, v vector(3), vn vector NOT NULL DEFAULT '[0,0]', vd vector(2) DEFAULT '[1.5,-2.25]', h halfvec(3), hn halfvec(2) NOT NULL DEFAULT '[0,0.1]', s sparsevec(5), sn sparsevec NOT NULL DEFAULT '{1:1.5,3:-2}/5',
 b bit(3), bw bit(70), va vector(3)[], ha halfvec[], sa sparsevec[], dv embedding, t text);

INSERT INTO items(v, vn, vd, h, hn, s, sn, b, bw, va, ha, sa, dv, t) VALUES ('[1,2,3]', '[0.1,1e10,-1e-10,3.4028235e38,16777216,123456.789]', '[0,-0]', '[1,0.1,65504]', '[-1,6e-8]', '{1:1,5:0.5}/5', '{}/3', B'101', repeat('10', 35)::bit(70), ARRAY['[1,2,3]'::vector, NULL], ARRAY['[1]'::halfvec], ARRAY['{1:2}/2'::sparsevec], '[1,2]', 'end');
INSERT INTO items(t) VALUES ('nulls');
CREATE TABLE items_full (LIKE items INCLUDING ALL);
ALTER TABLE items_full REPLICA IDENTITY FULL;
INSERT INTO items_full SELECT * FROM items;
CREATE TABLE big (id int primary key, n int, v vector(1000), vn vector(1000) NOT NULL, h halfvec(1500), va vector[]);
ALTER TABLE big ALTER v SET STORAGE EXTERNAL, ALTER vn SET STORAGE EXTERNAL, ALTER h SET STORAGE EXTERNAL, ALTER va SET STORAGE EXTERNAL;
INSERT INTO big SELECT 1, 1, a::vector, a::vector, (a || a[1:500])::halfvec, ARRAY[a::vector] FROM (SELECT array_agg(i * 0.5::real) FROM generate_series(1, 1000) i) x(a);
