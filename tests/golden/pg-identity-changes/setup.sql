CREATE TABLE ri (id int primary key, u text not null, v text, w int not null default 4); CREATE UNIQUE INDEX ri_u ON ri (u, w);
INSERT INTO ri VALUES (1, 'a', 'v');
