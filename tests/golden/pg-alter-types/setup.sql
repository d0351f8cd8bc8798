CREATE TYPE mood AS ENUM ('a', 'c'); CREATE TYPE pair AS (x int, y text); CREATE DOMAIN dd AS varchar(5);
CREATE TABLE ty (id int primary key, m mood default 'a', p pair, d dd, l varchar(5), n numeric(5,2)); INSERT INTO ty VALUES (1, 'a', '(1,b)', 'dom', 'len', 1.5);
