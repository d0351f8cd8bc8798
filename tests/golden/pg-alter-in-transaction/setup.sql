CREATE TABLE tr (id int primary key, a text); INSERT INTO tr VALUES (1, 'a');
