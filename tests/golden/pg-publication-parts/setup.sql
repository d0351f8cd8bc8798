CREATE TABLE pp_cols (id int primary key, a text not null default 'da', b int not null, c text default 'dc'); CREATE TABLE pp_rows (id int primary key, v int); ALTER TABLE pp_rows REPLICA IDENTITY FULL; CREATE TABLE pp_not (id int primary key); CREATE TABLE pp_ins (id int primary key, v text);
CREATE PUBLICATION "odd_pub" FOR TABLE pp_cols (id, c), pp_rows WHERE (v > 10) WITH (publish = 'insert, update, delete');
INSERT INTO pp_cols VALUES (1, 'a', 2, 'c'); INSERT INTO pp_rows VALUES (1, 5), (2, 15); INSERT INTO pp_not VALUES (1);
