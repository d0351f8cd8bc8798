CREATE TABLE accounts (id int primary key, owner text, balance numeric(10,2));
CREATE TABLE journal (id serial primary key, what text);
INSERT INTO accounts VALUES (1, 'Ada', 10), (2, 'Ben', 20), (3, 'Cy', 30);
