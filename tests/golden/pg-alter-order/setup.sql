CREATE TABLE ao (a int, b int, id int primary key, c int); INSERT INTO ao VALUES (1, 2, 3, 4); CREATE TABLE ao2 (id int primary key); INSERT INTO ao2 VALUES (1);
